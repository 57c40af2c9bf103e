import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Variant } from './variants.ts'

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10

export interface Usage {
  cpuMs: number
  peakRssMb: number
}

/** A process under measurement; `restart` kills it without warning and starts it anew, adding up what it used. */
export class Subject {
  private child: ChildProcess
  private used: Usage = { cpuMs: 0, peakRssMb: 0 }
  private ending: ChildProcess | null = null
  private readonly life = new AbortController()

  constructor(
    private readonly program: Pick<Variant, 'entry' | 'nodeArgs' | 'env'>,
    private readonly env: Record<string, string>,
  ) {
    this.child = this.start()
  }

  /** What `work` resolves to; rejects at once if the process ends by itself meanwhile, or has ended. */
  async during<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.life
    const death = new Promise<never>((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    return Promise.race([work, death])
  }

  /** Processor time so far and the most memory any of its lives held. */
  usage(): Usage {
    const now = readUsage(this.child.pid)
    return { cpuMs: this.used.cpuMs + now.cpuMs, peakRssMb: Math.max(this.used.peakRssMb, now.peakRssMb) }
  }

  async restart(): Promise<void> {
    this.used = this.usage()
    await this.end('SIGKILL')
    this.child = this.start()
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM')
  }

  private start(): ChildProcess {
    const env = { PATH: process.env.PATH, NODE_ENV: 'production', ...this.program.env, ...this.env }
    const child = spawn(process.execPath, [...this.program.nodeArgs, this.program.entry], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('exit', (code, signal) => {
      if (this.ending !== child) this.life.abort(new Error(`${this.program.entry} ended by itself: ${code ?? signal}`))
    })
    return child
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    this.ending = child
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    const impatient = setTimeout(() => child.kill('SIGKILL'), 30_000)
    await gone
    clearTimeout(impatient)
  }
}

function readUsage(pid: number | undefined): Usage {
  if (pid === undefined) return { cpuMs: 0, peakRssMb: 0 }
  // The command's name may hold spaces and parentheses; the fields begin after the last one.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    peakRssMb: Number(peak ?? 0) / 1024,
  }
}
