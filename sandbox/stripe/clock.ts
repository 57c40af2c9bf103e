type Task = { dueAtMs: number; run: () => void }

/**
 * The stand-in's time: the given clock plus whatever was skipped by `advance`.
 * Tasks run when this time reaches them, whether it passed by itself or was advanced.
 */
export class SandboxClock {
  private skippedMs = 0
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
    this.tasks.push({ dueAtMs, run })
    this.arm()
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
      const due = this.tasks.filter((task) => task.dueAtMs <= this.nowMs()).sort((a, b) => a.dueAtMs - b.dueAtMs)[0]
      if (!due) break
      this.tasks.splice(this.tasks.indexOf(due), 1)
      due.run()
    }
    this.arm()
  }

  private arm(): void {
    clearTimeout(this.timer)
    if (this.tasks.length === 0) return
    const nextMs = Math.min(...this.tasks.map((task) => task.dueAtMs))
    // At least a little: a clock given from outside may stand still.
    const waitMs = Math.min(Math.max(nextMs - this.nowMs(), 10), 2 ** 31 - 1)
    this.timer = setTimeout(() => this.runDue(), waitMs).unref()
  }
}
