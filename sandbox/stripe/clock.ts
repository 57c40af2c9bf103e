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

  advance(seconds: number): void {
    this.skippedMs += seconds * 1000
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
