import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
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
const CONNECT_WITHIN_MS = 5_000

/**
 * Hears the notifications of other processes on a connection of its own, which comes back by itself whenever it
 * breaks, from the first one on. Every time it begins to hear, each handler is called once, because something may
 * have been said before. `onError` is told of every connection that failed or broke.
 */
export function listen({ connectionString, on, onError }: ListenOptions): Listener {
  const handlers = new Map(Object.entries(on).map(([channel, handler]) => [channels[channel as Channel], handler]))
  const stopping = new AbortController()
  const { signal } = stopping
  const stopped = once(signal, 'abort')

  async function keepHearing(): Promise<void> {
    while (!signal.aborted) {
      await hear().catch((error: unknown) => onError(error as Error))
      await delay(RECONNECT_AFTER_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Rejects when the connection breaks; resolves once stopped. */
  async function hear(): Promise<void> {
    const client = new Client({
      connectionString,
      application_name: 'paydesk listen',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
    })
    const broken = new Promise<never>((_resolve, reject) => {
      client.on('error', reject)
      client.on('end', () => reject(new Error('the connection ended')))
    })
    // It may break while something else is awaited that fails of the same.
    broken.catch(() => undefined)
    client.on('notification', ({ channel }) => handlers.get(channel as (typeof channels)[Channel])?.())
    try {
      await client.connect()
      for (const channel of handlers.keys()) await client.query(`LISTEN ${channel}`)
      for (const handler of handlers.values()) handler?.()
      await Promise.race([broken, stopped])
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  const done = keepHearing()
  return {
    async stop() {
      stopping.abort()
      await done
    },
  }
}
