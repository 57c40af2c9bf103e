import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Api } from 'grammy'
import type { Update } from 'grammy/types'
import { Pool } from 'pg'
import { type Ingest, startIngest } from '#bot/ingest/ingest.ts'
import type { IngestAlert, IngestDeps } from '#bot/ingest/ports.ts'

export const TOKEN = '4242:test'
export const BOT_ID = 4242

type Handler = (updates: Update[], signal: AbortSignal) => Promise<void>

export interface IngestFixture {
  ingest: Ingest
  /** What was handled, in order: one list per call of the handler that succeeded. */
  handled: Update[][]
  alerts: Parameters<IngestAlert>[0][]
  log: string[]
  stop: () => Promise<void>
}

/** Ingest with a pool of its own against a stand-in, quick enough for tests; `handler` defaults to doing nothing. */
export function runIngest(options: {
  databaseUrl: string
  telegramUrl: string
  /** For the connection that elects the leader; `databaseUrl` if left out. */
  leaderUrl?: string
  handler?: Handler
  limits?: IngestDeps['limits']
  takeUrgent?: (update: Update) => boolean
  /** Called with every alert that is raised; the fixture notes it first. */
  onAlert?: () => Promise<void>
  onGivenUp?: IngestDeps['onGivenUp']
}): IngestFixture {
  const handled: Update[][] = []
  const alerts: IngestFixture['alerts'] = []
  const log: string[] = []
  const note = (...values: unknown[]) => {
    const [facts, message] = values
    log.push(typeof facts === 'string' ? facts : `${String(message)} ${describe(facts)}`)
  }
  const pool = new Pool({ connectionString: options.databaseUrl, max: 10, application_name: 'paydesk ingest test' })
  pool.on('error', note)
  const ingest = startIngest({
    sql: pool,
    databaseUrl: options.leaderUrl ?? options.databaseUrl,
    api: new Api(TOKEN, { apiRoot: options.telegramUrl }),
    botId: BOT_ID,
    ...(options.takeUrgent ? { takeUrgent: options.takeUrgent } : {}),
    handle: async (updates, signal) => {
      await options.handler?.(updates, signal)
      handled.push(updates)
      return { done: 'ingest' }
    },
    log: { debug: note, info: note, warn: note, error: note },
    alert: async (alert) => {
      alerts.push(alert)
      await options.onAlert?.()
    },
    ...(options.onGivenUp ? { onGivenUp: options.onGivenUp } : {}),
    limits: { retryFirstMs: 20, retryMaxMs: 100, albumQuietMs: 150, heartbeatMs: 200, ...options.limits },
  })
  const stop = async () => {
    await ingest.stop()
    await pool.end()
  }
  return { ingest, handled, alerts, log, stop }
}

function describe(facts: unknown): string {
  const err = typeof facts === 'object' && facts !== null && 'err' in facts ? String(facts.err) : ''
  return `${JSON.stringify(facts)} ${err}`
}

/** The texts of what was handled, of one user if named, one after the other. */
export function textsOf(handled: readonly Update[][], userId?: number): string[] {
  return handled
    .flat()
    .filter((update) => userId === undefined || update.message?.from?.id === userId)
    .map((update) => update.message?.text ?? '')
}

/** Checks again and again until it returns something true. */
export async function until(check: () => boolean | Promise<boolean>, what: string, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`In vain waited ${timeoutMs} ms for ${what}.`)
    await delay(5)
  }
}

export interface Gate {
  passed: Promise<void>
  open(): void
}

export function createGate(): Gate {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

export interface Proxy {
  /** The database's address through the proxy. */
  url: string
  /** Breaks every connection and refuses new ones. */
  cut(): void
  /** Lets connections stand and passes nothing on, as a lost network does. */
  freeze(): void
  mend(): void
  close(): Promise<void>
}

/** A wire to the database that can be cut. */
export async function startProxy(databaseUrl: string): Promise<Proxy> {
  const target = new URL(databaseUrl)
  let state: 'whole' | 'cut' | 'frozen' = 'whole'
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy()
    const far = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.on('data', (chunk) => {
        if (state !== 'frozen') to.write(chunk)
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  // By the socket that the address may name, nothing would come along here.
  url.searchParams.delete('host')
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    cut: () => {
      state = 'cut'
      breakAll()
    },
    freeze: () => {
      state = 'frozen'
    },
    mend: () => {
      // What was swallowed while frozen is lost; nobody could go on with such a connection.
      if (state === 'frozen') breakAll()
      state = 'whole'
    },
    close: () => {
      breakAll()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
