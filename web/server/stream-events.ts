import 'server-only'
import { findSession } from '#core/team/find-session.ts'
import { getDeps } from '#web/server/deps.ts'
import type { LiveSignal } from '#web/server/live-hub.ts'

const HEARTBEAT_MS = 15_000
const RECONNECT_AFTER_MS = 2_000

/**
 * Server-sent events: `changed` and `stale` (see LiveSignal), and comments in between, so that proxies keep the
 * connection and a dead one is noticed. Before every event the session is looked at again; a revoked one is told
 * `signed-out` and the stream ends. Nothing is streamed once this process is ending, which would wait for the end of it.
 */
export function streamEvents(sessionId: string, signal: AbortSignal): Response {
  const { live } = getDeps()
  if (live.isOver) return new Response(null, { status: 503, headers: { 'Cache-Control': 'no-store' } })
  const encoder = new TextEncoder()
  let stop = () => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      const unsubscribe = live.subscribe((news) => void report(news))
      const heartbeat = setInterval(() => void report('heartbeat'), HEARTBEAT_MS)
      let open = true
      let isStale = false
      stop = () => {
        open = false
        clearInterval(heartbeat)
        unsubscribe()
      }
      const end = () => {
        if (!open) return
        stop()
        controller.close()
      }
      const tell = (event: 'changed' | 'stale') => {
        isStale = event === 'stale'
        send(`event: ${event}\ndata:\n\n`)
      }
      async function report(news: LiveSignal | 'heartbeat') {
        if (news === 'over') return end()
        const standing = await checkSession(sessionId)
        if (!open) return
        if (standing === 'ended') {
          send('event: signed-out\ndata:\n\n')
          return end()
        }
        if (standing === 'unknown' || !live.hears) tell('stale')
        else if (news === 'heartbeat' && !isStale) send(': still here\n\n')
        else tell('changed')
      }
      send(`retry: ${RECONNECT_AFTER_MS}\n: listening\n\n`)
      signal.addEventListener('abort', stop, { once: true })
    },
    cancel: () => stop(),
  })
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
      // Kept for another request, the connection would hold up the end of this process for seconds.
      Connection: 'close',
    },
  })
}

async function checkSession(id: string): Promise<'good' | 'ended' | 'unknown'> {
  const { database, log } = getDeps()
  try {
    return (await findSession(database.prisma, { id, now: new Date() })) ? 'good' : 'ended'
  } catch (error) {
    log.warn({ err: error }, 'a session could not be checked for the event stream')
    return 'unknown'
  }
}
