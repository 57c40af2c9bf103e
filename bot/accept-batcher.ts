import { type AcceptOutcome, type IncomingMessage, isRefusedContent } from '#core/conversations/accept-messages.ts'

interface Waiting {
  message: IncomingMessage
  resolve(outcome: AcceptOutcome): void
  reject(error: unknown): void
}

export interface AcceptBatcherOptions {
  /** Accepts a batch of different users' messages; outcomes in the same order. */
  flush: (messages: IncomingMessage[]) => Promise<AcceptOutcome[]>
  maxBatch?: number
  /** Two overlap network and database; more only make the batches smaller. */
  maxInFlight?: number
}

/**
 * Gathers messages that arrive together into one statement. A message never waits for company: while a flush is under
 * way the next batch fills by itself, and an idle batcher flushes at the end of the current turn of the event loop.
 */
export function createAcceptBatcher({ flush, maxBatch = 100, maxInFlight = 2 }: AcceptBatcherOptions) {
  let queue: Waiting[] = []
  let inFlight = 0
  let scheduled = false

  function schedule() {
    if (scheduled || queue.length === 0 || inFlight >= maxInFlight) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      void run(takeBatch())
      schedule()
    })
  }

  /** At most one message per user: the database function charges a batch as if all were at once. */
  function takeBatch(): Waiting[] {
    const users = new Set<number>()
    const batch: Waiting[] = []
    const rest: Waiting[] = []
    for (const waiting of queue) {
      const fits = batch.length < maxBatch && !users.has(waiting.message.userId)
      users.add(waiting.message.userId)
      ;(fits ? batch : rest).push(waiting)
    }
    queue = rest
    return batch
  }

  async function run(batch: Waiting[]) {
    inFlight++
    try {
      const outcomes = await flush(batch.map((waiting) => waiting.message))
      batch.forEach((waiting, index) => {
        const outcome = outcomes[index]
        if (outcome) waiting.resolve(outcome)
        else waiting.reject(new Error('The batch came back short'))
      })
    } catch (error) {
      // One message that the database refuses must not take its neighbours along.
      if (batch.length > 1 && isRefusedContent(error)) for (const waiting of batch) await run([waiting])
      else for (const waiting of batch) waiting.reject(error)
    } finally {
      inFlight--
      schedule()
    }
  }

  return function accept(message: IncomingMessage): Promise<AcceptOutcome> {
    return new Promise((resolve, reject) => {
      queue.push({ message, resolve, reject })
      schedule()
    })
  }
}
