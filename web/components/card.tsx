import { cx } from 'class-variance-authority'
import type { ReactNode } from 'react'

/** A framed part of a page; with a title it is a region that assistive technology can find. */
export function Card({
  title,
  aside,
  children,
  className,
  flush = false,
}: {
  title?: string
  aside?: ReactNode
  children: ReactNode
  className?: string
  /** Content reaches the frame: lists and tables. */
  flush?: boolean
}) {
  return (
    <section aria-label={title} className={cx('min-w-0 rounded-md border border-line bg-surface', className)}>
      {title !== undefined && (
        <header className="flex min-h-11 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-b border-line px-4 py-2">
          <h2 className="font-semibold">{title}</h2>
          {aside}
        </header>
      )}
      <div className={flush ? undefined : 'p-4'}>{children}</div>
    </section>
  )
}
