import type { ReactNode } from 'react'
import { Changing } from '#web/components/changing.tsx'

/** One figure: what it counts, how much, how that compares, and its course. */
export function Stat({
  label,
  hint,
  value,
  note,
  children,
}: {
  label: string
  /** What exactly is counted, where the label leaves it open. */
  hint?: string
  value: string
  note: ReactNode
  children: ReactNode
}) {
  return (
    <section
      aria-label={label}
      className="@container flex min-w-0 flex-col gap-1 rounded-md border border-line bg-surface p-4"
    >
      <h2 className="text-muted" title={hint}>
        {label}
      </h2>
      <p className="text-xl font-semibold tracking-tight break-words tabular-nums @min-[11rem]:text-3xl">
        <Changing>{value}</Changing>
      </p>
      <div className="flex min-h-5 items-center gap-1 text-xs text-muted">{note}</div>
      <div className="mt-auto pt-2">{children}</div>
    </section>
  )
}
