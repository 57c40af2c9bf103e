type Task = { dueAtMs: number; run: () => void }

/**
 * The stand-in's time: the given clock plus whatever was skipped by `advance`.
 * Tasks run when this time reaches them, whether it passed by itself or was advanced.
 */
export class SandboxClock {
  private skippedMs = 0
  /** The next one first. */
  private tasks: Task[] = []
  private timer: NodeJS.Timeout | undefined
  private readonly source: () => number

  constructor(source: () => number) {
    this.source = source
  }

  nowMs(): number {
    return this.source() + this.skippedMs
  }

  skipped(): number {
    return this.skippedMs
  }

  /** Goes on where an earlier clock was, without what it had planned. */
  resume(skippedMs: number): void {
    this.skippedMs = skippedMs
  }

  /** Without what was skipped: when things happen for those who look on. */
  wallMs(): number {
    return this.source()
  }

  nowSeconds(): number {
    return Math.floor(this.nowMs() / 1000)
  }

  at(dueAtMs: number, run: () => void): void {
    const index = this.tasks.findLastIndex((task) => task.dueAtMs <= dueAtMs) + 1
    this.tasks.splice(index, 0, { dueAtMs, run })
    if (index === 0) this.arm()
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs() + delayMs, run)
  }

  /** Goes forward from one task to the next, so that each runs at its own time and plans what follows it. */
  advance(seconds: number): void {
    const untilMs = this.nowMs() + seconds * 1000
    for (let next = this.tasks[0]; next && next.dueAtMs <= untilMs; next = this.tasks[0]) {
      this.skippedMs += Math.max(0, next.dueAtMs - this.nowMs())
      this.tasks.shift()
      next.run()
    }
    this.skippedMs += Math.max(0, untilMs - this.nowMs())
    this.runDue()
  }

  clear(): void {
    this.tasks = []
    clearTimeout(this.timer)
  }

  private runDue(): void {
    for (;;) {
      const next = this.tasks[0]
      if (!next || next.dueAtMs > this.nowMs()) break
      this.tasks.shift()
      next.run()
    }
    this.arm()
  }

  private arm(): void {
    clearTimeout(this.timer)
    const next = this.tasks[0]
    if (!next) return
    // At least a little: a clock given from outside may stand still.
    const waitMs = Math.min(Math.max(next.dueAtMs - this.nowMs(), 10), 2 ** 31 - 1)
    this.timer = setTimeout(() => this.runDue(), waitMs).unref()
  }
}
