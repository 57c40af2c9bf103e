import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { type LogFile, openLogFile } from './log-file.ts'

const LEAVE_WITH_PARENT = new URL('./leave-with-parent.mjs', import.meta.url).href
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** A run this long counts as healthy: the next crash starts from the shortest pause again. */
const HEALTHY_AFTER_MS = 60_000
/** So many crashes in a row are worth shouting about, and too many for a service that never came up at all. */
const ALARMING_CRASHES = 5
const HEALTH_POLL_MS = 100
const SLOW_START_MS = 15_000
const HEALTH_TIMEOUT_MS = 3_000
const REMEMBERED_LINES = 20

export interface ServiceSpec {
  name: string
  /** The module Node runs. */
  entry: string
  nodeArgs?: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  /** Answers 200 once the service is ready for work. */
  healthUrl: string
  /** `answer`: being able to answer at all is enough, whatever it says about the rest of the world. */
  readyOn?: 'ok' | 'answer'
  logPath: string
  /** How long it may take to leave after SIGTERM before it is killed. */
  graceMs: number
}

export interface Service {
  name: string
  /** Resolves when it answered 200 for the first time. Rejects when it keeps crashing without ever getting there. */
  ready: Promise<void>
  /** The present process, or undefined between two of them. */
  pid(): number | undefined
  /** Asks it to leave, then insists. Resolves when it is gone. */
  stop(): Promise<void>
}

export type Announce = (subject: string, text: string) => void

/** Runs a program and runs it again whenever it ends, until told to stop. */
export function superviseService(spec: ServiceSpec, announce: Announce): Service {
  const supervision = new Supervision(spec, announce)
  return {
    name: spec.name,
    ready: supervision.ready,
    pid: () => supervision.child?.pid,
    stop: () => supervision.stop(),
  }
}

class Supervision {
  readonly ready: Promise<void>
  child: ChildProcess | undefined
  private readonly stopping = new AbortController()
  private readonly log: LogFile
  private readonly ended: Promise<void>
  private readonly lastLines: string[] = []
  private wasReady = false
  private stopped: Promise<void> | undefined
  private settleReady: { resolve(): void; reject(error: Error): void } | undefined

  constructor(
    private readonly spec: ServiceSpec,
    private readonly announce: Announce,
  ) {
    this.log = openLogFile(spec.logPath, ({ message }) => announce(spec.name, `its log cannot be written: ${message}`))
    this.ready = new Promise((resolve, reject) => {
      this.settleReady = { resolve, reject }
    })
    // Whoever waits sees the rejection; a stop before anybody waits must not count as unhandled.
    this.ready.catch(() => undefined)
    this.ended = this.runForever()
  }

  stop(): Promise<void> {
    this.stopped ??= this.stopOnce()
    return this.stopped
  }

  private async stopOnce(): Promise<void> {
    this.stopping.abort()
    this.settleReady?.reject(new Error(`${this.spec.name} was stopped before it was ready.`))
    const { child } = this
    if (child) {
      child.kill('SIGTERM')
      const insist = setTimeout(() => killGroup(child), this.spec.graceMs)
      await this.ended
      clearTimeout(insist)
    }
    await this.ended
    this.log.close()
  }

  private async runForever(): Promise<void> {
    let crashes = 0
    while (!this.stopping.signal.aborted) {
      const startedAt = Date.now()
      const { code, how } = await this.runOnce()
      if (this.stopping.signal.aborted) return
      if (Date.now() - startedAt > HEALTHY_AFTER_MS) crashes = 0
      // Ending by itself without an error is how a process asks for a restart.
      crashes = code === 0 ? 0 : crashes + 1
      if (crashes >= ALARMING_CRASHES && !this.wasReady) {
        this.settleReady?.reject(new Error(`${this.spec.name} does not start. Its last words:\n${this.tail()}`))
        return
      }
      const pauseMs = crashes === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (crashes - 1), LONGEST_PAUSE_MS)
      this.announce(this.spec.name, `ended (${how}); starting it again${pauseMs ? ` in ${pauseMs / 1000} s` : ''}`)
      if (crashes >= ALARMING_CRASHES) {
        this.announce(this.spec.name, `!! KEEPS CRASHING: ${crashes} times in a row. Its last words:\n${this.tail()}`)
      }
      await delay(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined)
    }
  }

  private async runOnce(): Promise<{ code: number | null; how: string }> {
    const { spec } = this
    // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops things in order.
    const child = spawn(process.execPath, ['--import', LEAVE_WITH_PARENT, ...(spec.nodeArgs ?? []), spec.entry], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: spec.env,
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    this.child = child
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
    this.follow(child.stdout, false)
    this.follow(child.stderr, true)
    const over = new AbortController()
    const watching = this.watchHealth(over.signal)
    const [code, signal] = await closed.finally(() => over.abort())
    await watching
    this.child = undefined
    return { code, how: signal ?? `code ${code}` }
  }

  private async watchHealth(over: AbortSignal): Promise<void> {
    let complainAt = Date.now() + SLOW_START_MS
    while (!over.aborted) {
      const answer = await readHealth(this.spec.healthUrl, over)
      if (answer.ok || (answer.status !== null && this.spec.readyOn === 'answer')) {
        if (this.wasReady) this.announce(this.spec.name, 'is back')
        this.wasReady = true
        this.settleReady?.resolve()
        return
      }
      if (Date.now() > complainAt) {
        this.announce(this.spec.name, `is not ready yet: ${answer.text}`)
        complainAt = Date.now() + SLOW_START_MS
      }
      await delay(HEALTH_POLL_MS, undefined, { signal: over }).catch(() => undefined)
    }
  }

  private follow(stream: Readable, isError: boolean): void {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
      this.log.write(`${line}\n`)
      this.lastLines.push(line)
      if (this.lastLines.length > REMEMBERED_LINES) this.lastLines.shift()
      const text = worthSaying(line, isError)
      if (text) this.announce(this.spec.name, text)
    })
  }

  private tail(): string {
    const lines = this.lastLines.map((line) => readEntry(line)?.text ?? line)
    return [...lines, `(all of it: ${this.spec.logPath})`].map((line) => `    ${line}`).join('\n')
  }
}

/** Logs go to the file; the terminal shows warnings and errors, and whatever was not written by a logger. */
function worthSaying(line: string, isError: boolean): string | null {
  const entry = readEntry(line)
  if (!entry) return line.startsWith('{') || (isError && line.trim()) ? line : null
  return entry.level >= WARNING ? entry.text : null
}

/** What a logger wrote, in one sentence for a person; null for a line of other origin. */
function readEntry(line: string): { level: number; text: string } | null {
  if (!line.startsWith('{')) return null
  try {
    const { level, msg, err, error } = JSON.parse(line) as LogEntry
    const weight = typeof level === 'number' ? level : 0
    const reason = (err ?? error)?.message
    const sign = weight >= ERROR ? 'ERROR ' : weight >= WARNING ? 'warning ' : ''
    return { level: weight, text: `${sign}${msg ?? ''}${reason ? `: ${reason}` : ''}` }
  } catch {
    return null
  }
}

const WARNING = 40
const ERROR = 50

interface LogEntry {
  level?: unknown
  msg?: string
  err?: { message?: string }
  error?: { message?: string }
}

interface HealthAnswer {
  ok: boolean
  /** null: nobody answered. */
  status: number | null
  text: string
}

async function readHealth(url: string, over: AbortSignal): Promise<HealthAnswer> {
  try {
    const signal = AbortSignal.any([over, AbortSignal.timeout(HEALTH_TIMEOUT_MS)])
    const response = await fetch(url, { signal, redirect: 'manual', headers: { connection: 'close' } })
    const text = await response.text()
    return { ok: response.ok, status: response.status, text: `${url} answers ${response.status} ${text.slice(0, 500)}` }
  } catch {
    return { ok: false, status: null, text: `nobody answers at ${url}` }
  }
}

/** The process and everything it has started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
