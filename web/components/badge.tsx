import { cva, type VariantProps } from 'class-variance-authority'
import { CircleCheck, CircleDot, Info, OctagonAlert, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

const badge = cva(
  'inline-flex max-w-full items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
  {
    variants: {
      tone: {
        neutral: 'bg-sunken text-muted',
        good: 'bg-good-soft text-good',
        warning: 'bg-warning-soft text-warning',
        bad: 'bg-bad-soft text-bad',
        info: 'bg-info-soft text-info',
      },
    },
  },
)

export type Tone = NonNullable<VariantProps<typeof badge>['tone']>

const icons = { neutral: CircleDot, good: CircleCheck, warning: TriangleAlert, bad: OctagonAlert, info: Info } as const

/** The sign that goes with a tone, because colour alone says nothing to many people. */
export function ToneIcon({ tone, className }: { tone: Tone; className?: string }) {
  const Icon = icons[tone]
  return <Icon aria-hidden className={className} />
}

/** A state in one or two words, with its sign. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={badge({ tone })}>
      <ToneIcon tone={tone} className="size-3 shrink-0" />
      <span className="truncate">{children}</span>
    </span>
  )
}
