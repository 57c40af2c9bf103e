import type { ReactNode } from 'react'

/** The head of a page: its name, one line of context, and at most one primary action or sign. */
export function PageHeader({ title, context, aside }: { title: string; context: ReactNode; aside?: ReactNode }) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        <p className="mt-1 max-w-prose text-muted">{context}</p>
      </div>
      {aside}
    </header>
  )
}
