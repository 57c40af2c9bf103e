import type { FaultView } from './control-types.ts'
import { Refusal, tooManyRequests } from './refusal.ts'

/** The refusal a fault stands for; null for faults of another kind. */
export function errorOf(fault: FaultView): Refusal | null {
  const say = (code: number, usual: string) => new Refusal(code, fault.description ?? usual)
  switch (fault.kind) {
    case '429':
      return tooManyRequests(fault.retryAfterSeconds ?? 1)
    case '403':
      return say(403, 'Forbidden: bot was blocked by the user')
    case '400':
      return say(400, 'Bad Request: chat not found')
    case '401':
      return say(401, 'Unauthorized')
    case '409':
      return say(
        409,
        'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
      )
    case '500':
      return say(500, 'Internal Server Error')
    default:
      return null
  }
}
