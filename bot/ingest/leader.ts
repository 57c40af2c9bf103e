import { Socket } from 'node:net'
import { Client } from 'pg'
import type { IngestLimits } from '#bot/ingest/limits.ts'
import type { IngestLog } from '#bot/ingest/ports.ts'
import { pause } from '#bot/patience.ts'

export interface LeaderDeps {
  databaseUrl: string
  /** Processes with the same name elect one of them. */
  name: string
  onGain: () => void
  onLose: () => void
  log: IngestLog
  limits: Pick<IngestLimits, 'leaderRetryMs' | 'heartbeatMs' | 'heartbeatTimeoutMs'>
}

/**
 * Leads while its own connection holds an advisory lock. A process that dies, or whose connection breaks, loses the
 * lock with the connection, and the next one gets it within `leaderRetryMs`. That keeps the bot alive; it keeps
 * nothing safe: two may believe to lead for a moment, and only the inbox makes that harmless.
 */
export class Leader {
  readonly #deps: LeaderDeps
  readonly #stopping = new AbortController()
  readonly #done: Promise<void>
  #connection: Connection | null = null
  #leads = false

  constructor(deps: LeaderDeps) {
    this.#deps = deps
    this.#done = this.#run()
  }

  get leads(): boolean {
    return this.#leads
  }

  /** Asks the database whether the lock is still held, and steps down if not. */
  async verify(): Promise<boolean> {
    const connection = this.#connection
    if (!this.#leads || !connection) return false
    const held = await connection.holdsLock().catch(() => false)
    if (!held) connection.destroy()
    return held
  }

  /** Lets somebody else, or this process again, be elected. */
  resign(): void {
    this.#connection?.destroy()
  }

  /** Gives the lock back. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    const { log, limits } = this.#deps
    const { signal } = this.#stopping
    let failures = 0
    while (!signal.aborted) {
      const connection = new Connection(this.#deps.databaseUrl, limits.heartbeatTimeoutMs, () => this.#stepDown())
      this.#connection = connection
      const hurry = () => connection.endWaits()
      signal.addEventListener('abort', hurry, { once: true })
      try {
        await connection.open()
        failures = 0
        await this.#campaign(connection, signal)
      } catch (err) {
        failures += 1
        if (failures % 40 === 1) log.warn({ err }, 'the connection that elects the leader is broken; trying again')
      }
      signal.removeEventListener('abort', hurry)
      this.#stepDown()
      await connection.close()
      await pause(limits.leaderRetryMs, signal)
    }
  }

  /** Waits for the lock, then holds it as long as the connection lives. Throws when it does not. */
  async #campaign(connection: Connection, signal: AbortSignal): Promise<void> {
    const { name, limits, onGain } = this.#deps
    while (!signal.aborted && !(await connection.tryLock(name))) await pause(limits.leaderRetryMs, connection.ended)
    if (signal.aborted) return
    this.#leads = true
    onGain()
    while (!signal.aborted) {
      await connection.ping()
      await pause(limits.heartbeatMs, connection.ended)
    }
  }

  #stepDown(): void {
    if (!this.#leads) return
    this.#leads = false
    this.#deps.onLose()
  }
}

/** A database connection that is given up when it is silent for too long. */
class Connection {
  readonly #client: Client
  readonly #socket = new Socket()
  readonly #ended = new AbortController()
  #broken = false

  constructor(databaseUrl: string, timeoutMs: number, onBroken: () => void) {
    this.#client = new Client({
      connectionString: databaseUrl,
      application_name: 'paydesk leader',
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      keepAlive: true,
      stream: () => this.#socket,
    })
    const fail = () => {
      this.#broken = true
      this.#ended.abort()
      onBroken()
    }
    this.#client.on('error', fail)
    this.#client.on('end', fail)
  }

  /** Fires when the connection broke or nobody wants to wait on it any more. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  endWaits(): void {
    this.#ended.abort()
  }

  async open(): Promise<void> {
    await this.#client.connect()
    // Without these the server may take two hours to notice that our machine is gone, and keep the lock so long.
    await this.#client.query(
      'SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3',
    )
  }

  async tryLock(name: string): Promise<boolean> {
    const { rows } = await this.#client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
      [name],
    )
    return rows[0]?.locked === true
  }

  async holdsLock(): Promise<boolean> {
    const { rowCount } = await this.#client.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted`,
    )
    return (rowCount ?? 0) > 0
  }

  async ping(): Promise<void> {
    await this.#client.query('SELECT 1')
  }

  destroy(): void {
    this.#socket.destroy()
  }

  async close(): Promise<void> {
    if (this.#broken) return this.destroy()
    // A server that does not answer must not keep us waiting.
    const timer = setTimeout(() => this.destroy(), 1_000)
    await this.#client.end().catch(() => undefined)
    clearTimeout(timer)
  }
}
