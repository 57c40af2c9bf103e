import { Client } from 'pg'
import { type Channel, channels } from '#core/live/notify.ts'

interface ListenOptions {
  connectionString: string
  on: Partial<Record<Channel, () => void>>
  onError: (error: Error) => void
}

export interface Listener {
  stop(): Promise<void>
}

const RECONNECT_AFTER_MS = 1_000

/**
 * Hears the notifications of other processes on a connection of its own. After a broken connection it comes back by
 * itself and calls every handler once, because something may have been said meanwhile.
 */
export async function listen({ connectionString, on, onError }: ListenOptions): Promise<Listener> {
  const handlers = new Map(Object.entries(on).map(([channel, handler]) => [channels[channel as Channel], handler]))
  let client: Client | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  async function connect() {
    const fresh = new Client({ connectionString, application_name: 'paydesk listen', keepAlive: true })
    fresh.on('error', lost)
    fresh.on('end', () => lost())
    fresh.on('notification', ({ channel }) => handlers.get(channel as (typeof channels)[Channel])?.())
    await fresh.connect()
    for (const channel of handlers.keys()) await fresh.query(`LISTEN ${channel}`)
    if (stopped) return fresh.end()
    client = fresh

    function lost(error?: Error) {
      fresh.removeAllListeners('end')
      fresh.removeAllListeners('error')
      fresh.on('error', () => undefined)
      if (error) onError(error)
      if (!stopped) retry()
    }
  }

  function retry() {
    clearTimeout(timer)
    timer = setTimeout(() => {
      connect().then(
        () => handlers.forEach((handler) => handler?.()),
        (error: Error) => {
          onError(error)
          retry()
        },
      )
    }, RECONNECT_AFTER_MS)
  }

  await connect()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}
