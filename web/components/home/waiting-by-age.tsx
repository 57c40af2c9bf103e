import { cx } from 'class-variance-authority'
import type { WaitingSummary } from '#core/analytics/waiting.ts'
import { formatNumber } from '#web/components/format-number.ts'

const ages = [
  { label: '<1 h', words: 'under 1 h', fill: 'bg-accent' },
  { label: '<4 h', words: '1–4 h', fill: 'bg-accent' },
  { label: '<1 d', words: '4–24 h', fill: 'bg-warning' },
  { label: '>1 d', words: 'over a day', fill: 'bg-bad' },
] as const

const LOWEST_PX = 3
const HIGHEST_PX = 32

/** How long people have waited, as four columns. */
export function WaitingByAge({ byAge }: { byAge: WaitingSummary['byAge'] }) {
  const highest = Math.max(...byAge, 1)
  const all = ages.map(({ words }, index) => `${words}: ${formatNumber(byAge[index] ?? 0)}`).join(', ')
  return (
    <div role="img" aria-label={`Waiting ${all}`} title={all} className="grid w-full max-w-40 grid-cols-4 gap-x-0.5">
      {ages.map(({ label, fill }, index) => {
        const count = byAge[index] ?? 0
        const height = count === 0 ? 1.5 : LOWEST_PX + (count / highest) * (HIGHEST_PX - LOWEST_PX)
        return (
          <div key={label} className="flex h-12 flex-col justify-end">
            <span
              className={cx('mx-0.5 rounded-sm forced-color-adjust-none', count === 0 ? 'bg-line' : fill)}
              style={{ height }}
            />
            <span className="text-center text-xs whitespace-nowrap text-muted">{label}</span>
          </div>
        )
      })}
    </div>
  )
}
