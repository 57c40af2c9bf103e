import { GrammyError } from 'grammy'

/** What a failed getUpdates means for the next one. */
export type PollFailure =
  | { kind: 'conflict'; detail: string }
  | { kind: 'unauthorized'; detail: string }
  | { kind: 'limited'; retryAfterMs: number }
  | { kind: 'unreachable' }

export function classifyPollFailure(error: unknown): PollFailure {
  if (!(error instanceof GrammyError)) return { kind: 'unreachable' }
  switch (error.error_code) {
    case 409:
      return { kind: 'conflict', detail: error.description }
    // A token that is not even shaped like one is answered with 404.
    case 401:
    case 404:
      return { kind: 'unauthorized', detail: error.description }
    case 429:
      return { kind: 'limited', retryAfterMs: (error.parameters.retry_after ?? 1) * 1_000 }
    default:
      return { kind: 'unreachable' }
  }
}
