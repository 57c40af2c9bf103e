export function Logo({ size }: { size: number }) {
  return (
    <svg className="logo" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <path
        d="M9 9.5A2.5 2.5 0 0 1 11.5 7h9A2.5 2.5 0 0 1 23 9.5v7a2.5 2.5 0 0 1-2.5 2.5H15l-4.3 4.6a1 1 0 0 1-1.7-.7z"
        fill="var(--on-accent)"
      />
      <path d="M13 13h6" stroke="var(--accent)" strokeWidth="2" strokeLinecap="round" />
    </svg>
  )
}
