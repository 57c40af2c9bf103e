import { cx } from 'class-variance-authority'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

const tones = { neutral: 'text-muted', good: 'text-good', warning: 'text-warning' } as const

export type StateTone = keyof typeof tones

/** Says what would be here and offers the first step; also the frame of error and message pages. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  action,
  level = 'h3',
  tone = 'neutral',
}: {
  icon: LucideIcon
  title: string
  children?: ReactNode
  action?: ReactNode
  level?: 'h1' | 'h3'
  /** Of the icon alone; the title says the same in words. */
  tone?: StateTone
}) {
  const Title = level
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-8 text-center [overflow-wrap:anywhere]">
      <Icon aria-hidden className={cx('size-6', tones[tone])} strokeWidth={1.75} />
      <Title className={level === 'h1' ? 'text-xl font-semibold' : 'font-medium'}>{title}</Title>
      {children !== undefined && <div className="max-w-prose text-muted">{children}</div>}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  )
}

/** A place where something will appear, in its shape. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx('block animate-pulse rounded-sm bg-sunken', className)} />
}

/** One message alone on a page: sign-in, "not found", the end of a purchase. */
export function MessagePage({ children }: { children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-md rounded-md border border-line bg-surface p-6">{children}</div>
    </main>
  )
}
