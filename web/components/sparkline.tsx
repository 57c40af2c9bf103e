const WIDTH = 120
const HEIGHT = 32
const PADDING = 3

/** The course of a figure, oldest first, its last point marked. What it says in words belongs in `label`. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const highest = Math.max(...values, 1)
  const step = (WIDTH - 2 * PADDING) / Math.max(values.length - 1, 1)
  const points = values.map((value, index) => ({
    x: PADDING + index * step,
    y: HEIGHT - PADDING - (value / highest) * (HEIGHT - 2 * PADDING),
  }))
  const last = points.at(-1)
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} className="h-8 w-30">
      <polyline
        points={points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
        className="fill-none stroke-accent"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
      {last && <circle cx={last.x} cy={last.y} r="2.5" className="fill-accent" />}
    </svg>
  )
}
