'use client'

import { useEffect, useState } from 'react'
import { formatExactTime, formatRelativeTime } from '#web/components/format-time.ts'

const REFRESH_MS = 15_000

/**
 * How long ago, with the exact moment on hover. `now` is the server's clock at rendering, so that both sides draw the
 * same text first; from then on it moves with the browser's.
 */
export function RelativeTime({ at, now }: { at: Date; now: Date }) {
  const [clock, setClock] = useState({ server: now, passedMs: 0 })
  if (clock.server.getTime() !== now.getTime()) setClock({ server: now, passedMs: 0 })
  useEffect(() => {
    const startedAt = Date.now()
    const timer = setInterval(() => setClock({ server: now, passedMs: Date.now() - startedAt }), REFRESH_MS)
    return () => clearInterval(timer)
  }, [now])
  return (
    <time dateTime={at.toISOString()} title={formatExactTime(at)} className="whitespace-nowrap">
      {formatRelativeTime(at, new Date(now.getTime() + clock.passedMs))}
    </time>
  )
}
