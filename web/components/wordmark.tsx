/** The product's sign and name. */
export function Wordmark({ short = false }: { short?: boolean }) {
  return (
    <span className="flex items-center gap-2 text-base font-semibold tracking-tight">
      <svg viewBox="0 0 32 32" aria-hidden="true" className="size-6 shrink-0">
        <rect width="32" height="32" rx="8" className="fill-accent" />
        <path
          d="M9 9.5A2.5 2.5 0 0 1 11.500 7h9A2.500 2.500 0 0 1 23 9.500v7a2.500 2.500 0 0 1-2.500 2.500H15l-4.300 4.600a1 1 0 0 1-1.700-.7z"
          className="fill-on-accent"
        />
        <path d="M13 13h6" className="stroke-accent" strokeWidth="2" strokeLinecap="round" />
      </svg>
      <span className={short ? 'sr-only' : undefined}>Paydesk</span>
    </span>
  )
}
