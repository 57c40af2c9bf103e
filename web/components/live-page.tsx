'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { serverAnswers, statusOf } from '#web/components/ask-server.ts'
import { Badge } from '#web/components/badge.tsx'
import { formatExactTime } from '#web/components/format-time.ts'
import { isLeaving } from '#web/components/shell/leaving.ts'

const EVENTS = '/api/events'
const REFRESH_SPACING_MS = 2_000
/** Ages and lags move also when nothing happens. */
const REFRESH_AT_LEAST_EVERY_MS = 30_000
const REOPEN_AFTER_MS = 2_000

type State = 'connecting' | 'live' | 'stale'

/**
 * Keeps the page up to date: hears from the server that something changed and draws it anew, at most every two seconds
 * and not while nobody looks. When the server cannot be heard, says so, leaves what is shown, and tries until it can.
 */
export function LivePage({ at }: { at: Date }) {
  const router = useRouter()
  const [state, setState] = useState<State>('connecting')

  useEffect(() => {
    let events: EventSource | undefined
    let hears = false
    let lastAt = Date.now()
    let refreshing: ReturnType<typeof setTimeout> | undefined
    let reopening: ReturnType<typeof setTimeout> | undefined
    let isOver = false

    const become = (live: boolean) => {
      hears = live
      setState(live ? 'live' : 'stale')
    }
    const redraw = async () => {
      const answers = await serverAnswers()
      if (answers && !isOver) router.refresh()
      return answers
    }
    const refresh = () => {
      if (document.visibilityState === 'hidden' || refreshing) return
      const run = async () => {
        refreshing = undefined
        lastAt = Date.now()
        // Once nothing is heard, an answer could only be an error: better to keep what is shown.
        if (hears && !(await redraw())) reopen()
      }
      refreshing = setTimeout(() => void run(), Math.max(0, lastAt + REFRESH_SPACING_MS - Date.now()))
    }
    const open = () => {
      if (isOver) return
      events = new EventSource(EVENTS)
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
        // The browser comes back by itself after a break, but not when it is refused.
        if (events?.readyState === EventSource.CLOSED) reopen()
      })
    }
    const reopen = () => {
      if (isOver) return
      become(false)
      events?.close()
      clearTimeout(reopening)
      const run = async () => {
        const status = await statusOf(EVENTS, 'GET')
        if (status === 200) open()
        // The page itself says why somebody is not let in any more.
        else if (!(status === 401 || status === 403) || !(await redraw())) reopen()
      }
      reopening = setTimeout(() => void run(), REOPEN_AFTER_MS)
    }

    open()
    const again = () => hears && refresh()
    const interval = setInterval(again, REFRESH_AT_LEAST_EVERY_MS)
    document.addEventListener('visibilitychange', again)
    return () => {
      isOver = true
      events?.close()
      clearTimeout(refreshing)
      clearTimeout(reopening)
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
