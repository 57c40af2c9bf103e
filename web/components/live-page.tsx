'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { Badge } from '#web/components/badge.tsx'
import { formatExactTime } from '#web/components/format-time.ts'
import { isLeaving } from '#web/components/shell/leaving.ts'

const REFRESH_SPACING_MS = 2_000
/** Ages and lags move also when nothing happens. */
const REFRESH_AT_LEAST_EVERY_MS = 30_000

type State = 'connecting' | 'live' | 'stale'

/**
 * Keeps the page up to date: hears from the server that something changed and draws it anew, at most every two seconds
 * and not while nobody looks. When the server cannot be heard, says so and leaves what is shown.
 */
export function LivePage({ at }: { at: Date }) {
  const router = useRouter()
  const [state, setState] = useState<State>('connecting')

  useEffect(() => {
    const events = new EventSource('/api/events')
    let hears = false
    let lastAt = Date.now()
    let timer: ReturnType<typeof setTimeout> | undefined

    const refresh = () => {
      if (document.visibilityState === 'hidden' || timer) return
      const run = () => {
        timer = undefined
        lastAt = Date.now()
        // Once nothing is heard, an answer could only be an error: better to keep what is shown.
        if (hears || events.readyState === EventSource.CLOSED) router.refresh()
      }
      timer = setTimeout(run, Math.max(0, lastAt + REFRESH_SPACING_MS - Date.now()))
    }
    const become = (live: boolean) => {
      hears = live
      setState(live ? 'live' : 'stale')
    }
    events.addEventListener('changed', () => {
      become(true)
      refresh()
    })
    events.addEventListener('stale', () => become(false))
    events.addEventListener('signed-out', () => {
      if (!isLeaving()) window.location.assign('/login?left=here')
    })
    events.addEventListener('error', () => {
      become(false)
      // The browser gives up when it is refused: the page finds out why by asking itself again.
      if (events.readyState === EventSource.CLOSED) refresh()
    })
    const again = () => hears && refresh()
    const interval = setInterval(again, REFRESH_AT_LEAST_EVERY_MS)
    document.addEventListener('visibilitychange', again)
    return () => {
      events.close()
      clearTimeout(timer)
      clearInterval(interval)
      document.removeEventListener('visibilitychange', again)
    }
  }, [router])

  return (
    <div role="status" title={`As of ${formatExactTime(at)}`}>
      {state === 'stale' ? (
        <Badge tone="warning">Not live: shown as it was at {at.toISOString().slice(11, 16)} UTC</Badge>
      ) : (
        <Badge tone={state === 'live' ? 'good' : 'neutral'}>{state === 'live' ? 'Live' : 'Connecting …'}</Badge>
      )}
    </div>
  )
}
