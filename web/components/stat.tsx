import { cx } from 'class-variance-authority'
import type { ReactNode } from 'react'
import { Changing } from '#web/components/changing.tsx'

/** A figure of more characters is drawn smaller, so that it stays on its line. */
const LONG = 11

/** Figures side by side: as many as the place is wide enough for, however large the reader's text is. */
export function Stats({ children }: { children: ReactNode }) {
  return (
    <div className="@container">
      <div className="grid grid-cols-1 gap-3 @min-[16rem]:grid-cols-2 @min-[30rem]:gap-4 @min-[46rem]:grid-cols-4">
        {children}
      </div>
    </div>
  )
}

/** One figure: what it counts, how much, how that compares, and its course. */
export function Stat({
  label,
  hint,
  value,
  more = '',
  note,
  children,
}: {
  label: string
  /** What exactly is counted, where the label leaves it open. */
  hint?: string
  value: string
  /** What counts as well but cannot be added to it. */
  more?: string
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
      <p
        className={cx(
          'font-semibold tracking-tight break-words tabular-nums',
          value.length > LONG
            ? 'text-base @min-[11rem]:text-xl @min-[16rem]:text-3xl'
            : 'text-xl @min-[11rem]:text-3xl',
        )}
      >
        <Changing>{value}</Changing>
      </p>
      {more !== '' && (
        <p className="font-medium break-words tabular-nums">
          <Changing>{more}</Changing>
        </p>
      )}
      <div className="flex min-h-5 items-center gap-1 text-xs text-muted">{note}</div>
      <div className="mt-auto pt-2">{children}</div>
    </section>
  )
}
