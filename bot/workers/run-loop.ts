import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'

interface LoopOptions {
  stopping: AbortSignal
  everyMs: number
  /** The least time between two turns: what wakes it meanwhile is looked after by one. */
  restMs?: number
  log: Logger
  /** What is looked after, for the log. */
  what: string
  turn: () => Promise<void>
}

export interface Loop {
  /** Take the next turn now. */
  wake: () => void
  /** Resolves when the loop was stopped and its last turn has ended; wake it after stopping. */
  done: Promise<void>
}

/** Repeats a turn, at once when woken during it. A turn that fails is logged and tried again like any other. */
export function runLoop({ stopping, everyMs, restMs = 0, log, what, turn }: LoopOptions): Loop {
  let isWoken = false
  let interrupt: (() => void) | undefined

  async function run(): Promise<void> {
    while (!stopping.aborted) {
      isWoken = false
      await turn().catch((error: unknown) => log.error({ err: error }, `${what} could not be looked after`))
      if (restMs > 0) await delay(restMs)
      if (!isWoken && !stopping.aborted) await pause()
    }
  }

  async function pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, everyMs)
      interrupt = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    interrupt = undefined
  }

  return {
    wake() {
      isWoken = true
      interrupt?.()
    },
    done: run(),
  }
}
