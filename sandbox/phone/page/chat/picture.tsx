import { useId } from 'react'
import { seededNumbers } from './seed.ts'

/**
 * A landscape that stands in for a picture nobody took: drawn from the file's unique id, so that the same photo looks
 * the same in every chat it was copied to.
 */
export function Picture({ seed, label, ratio }: { seed: string; label: string; ratio: number }) {
  const next = seededNumbers(seed)
  const hue = Math.floor(next() * 360)
  const width = 320
  const height = Math.round(width / ratio)
  // Not the seed: the same picture may stand in two chats, one of them hidden.
  const id = useId()
  const layers = [0.55, 0.7, 0.85].map((level, index) => ({
    path: ridge(next, width, height, level),
    fill: `oklch(${0.62 - index * 0.13} 0.09 ${(hue + 40 + index * 18) % 360})`,
  }))
  return (
    <svg
      className="picture"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      preserveAspectRatio="xMidYMid slice"
    >
      <defs>
        <linearGradient id={id} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor={`oklch(0.72 0.11 ${hue})`} />
          <stop offset="1" stopColor={`oklch(0.92 0.06 ${(hue + 60) % 360})`} />
        </linearGradient>
      </defs>
      <rect width={width} height={height} fill={`url(#${id})`} />
      <circle
        cx={width * (0.2 + next() * 0.6)}
        cy={height * (0.18 + next() * 0.2)}
        r={height * 0.09}
        fill="oklch(0.98 0.04 90)"
      />
      {layers.map((layer) => (
        <path key={layer.fill} d={layer.path} fill={layer.fill} />
      ))}
    </svg>
  )
}

function ridge(next: () => number, width: number, height: number, level: number): string {
  const points = Array.from({ length: 6 }, (_, index) => {
    const x = (index / 5) * width
    return `${x.toFixed(0)} ${(height * (level - 0.16 + next() * 0.22)).toFixed(0)}`
  })
  return `M0 ${height} L${points.join(' L')} L${width} ${height} Z`
}

/** The shape of a voice that was never recorded. */
export function Waveform({ seed }: { seed: string }) {
  const next = seededNumbers(seed)
  const bars = Array.from({ length: 34 }, (_, index) => 3 + next() * 15 * (0.5 + 0.5 * Math.abs(Math.sin(index / 4))))
  return (
    <svg className="waveform" viewBox="0 0 136 20" aria-hidden="true">
      {bars.map((height, index) => (
        <rect key={`${index}-${height}`} x={index * 4} y={10 - height / 2} width="2" height={height} rx="1" />
      ))}
    </svg>
  )
}
