import type { WaitingSummary } from '#core/analytics/waiting.ts'
import { formatNumber } from '#web/components/format-number.ts'

const ages = ['under 1 h', '1–4 h', '4–24 h', 'over a day'] as const
const fills = ['fill-accent', 'fill-accent', 'fill-warning', 'fill-bad'] as const

/** How long people have waited, as four columns with their numbers. */
export function WaitingByAge({ byAge }: { byAge: WaitingSummary['byAge'] }) {
  const highest = Math.max(...byAge, 1)
  const words = ages.map((age, index) => `${age}: ${formatNumber(byAge[index] ?? 0)}`).join(', ')
  return (
    <svg viewBox="0 0 120 32" role="img" aria-label={`Waiting ${words}`} className="h-8 w-30">
      <title>{words}</title>
      {byAge.map((count, index) => {
        const height = count === 0 ? 1.5 : 3 + (count / highest) * 27
        return (
          <rect
            key={ages[index]}
            x={index * 30 + 2}
            y={32 - height}
            width={24}
            height={height}
            rx={1.5}
            className={count === 0 ? 'fill-line' : fills[index]}
          />
        )
      })}
    </svg>
  )
}
