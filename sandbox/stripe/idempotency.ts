import { createHash } from 'node:crypto'
import { invalidRequest, StripeRefusal } from './errors.ts'

export type Reply = { status: number; body: unknown; headers?: Record<string, string> }
type Saved = { fingerprint: string; reply: Reply | 'in_progress'; savedAtMs: number }

const KEPT_MS = 24 * 3_600_000

/** Saved replies by idempotency key, as the real API keeps them for a day. */
export class IdempotencyStore {
  private readonly saved = new Map<string, Saved>()

  /**
   * Claims the key for a request. Answers the saved reply for a repeat of the same request;
   * refuses another request under the same key, and a repeat while the first is still running.
   */
  begin(key: string, request: { method: string; path: string; body: string }, nowMs: number): Reply | undefined {
    if (key.length > 255)
      throw invalidRequest('Idempotency keys must be at most 255 characters.', { param: 'Idempotency-Key' })
    const fingerprint = createHash('sha256').update(`${request.method} ${request.path}\n${request.body}`).digest('hex')
    const known = this.saved.get(key)
    if (!known || known.savedAtMs + KEPT_MS < nowMs) {
      this.saved.set(key, { fingerprint, reply: 'in_progress', savedAtMs: nowMs })
      return undefined
    }
    if (known.fingerprint !== fingerprint) throw otherParameters(key)
    if (known.reply === 'in_progress') throw inUse(key)
    return known.reply
  }

  save(key: string, reply: Reply): void {
    const known = this.saved.get(key)
    if (known) known.reply = reply
  }

  /** Nothing was executed: the key may be used again, even for something else. */
  forget(key: string): void {
    this.saved.delete(key)
  }

  clear(): void {
    this.saved.clear()
  }
}

function otherParameters(key: string): StripeRefusal {
  return new StripeRefusal(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  })
}

function inUse(key: string): StripeRefusal {
  return new StripeRefusal(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Stripe-Idempotent-Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
  })
}
