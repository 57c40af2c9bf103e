const WIDTH = 120
const HEIGHT = 32
const PADDING = 3

/** The course of a figure, oldest first, its last point marked. What it says in words belongs in `label`. */
export function Sparkline({
  values,
  label,
  isLastOpen = false,
}: {
  values: readonly number[]
  label: string
  /** The last value is not final: the way to it is dashed, so that it does not read as a fall. */
  isLastOpen?: boolean
}) {
  const highest = Math.max(...values, 1)
  const step = (WIDTH - 2 * PADDING) / Math.max(values.length - 1, 1)
  const points = values.map((value, index) => ({
    x: PADDING + index * step,
    y: HEIGHT - PADDING - (value / highest) * (HEIGHT - 2 * PADDING),
  }))
  const last = points.at(-1)
  const closed = isLastOpen ? points.slice(0, -1) : points
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} className="h-8 w-30">
      <polyline
        points={pathOf(closed)}
        className="fill-none stroke-accent"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      {isLastOpen && (
        <polyline
          points={pathOf(points.slice(-2))}
          className="fill-none stroke-accent"
          strokeWidth="1.5"
          strokeDasharray="2 3"
        />
      )}
      {last && (
        <circle
          cx={last.x}
          cy={last.y}
          r="2.5"
          strokeWidth="1.5"
          className={isLastOpen ? 'fill-surface stroke-accent' : 'fill-accent'}
        />
      )}
    </svg>
  )
}

function pathOf(points: readonly { x: number; y: number }[]): string {
  return points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')
}
