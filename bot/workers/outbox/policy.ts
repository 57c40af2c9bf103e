import { classifyTelegramError, type TelegramFailure } from '#bot/telegram/errors.ts'
import { LimiterStoppedError } from '#bot/telegram/limiter.ts'

/** What is to be done with a row whose call failed. */
export type Verdict =
  /** Nothing left the machine and the process goes down. */
  { do: 'release' } | { do: 'again'; afterMs: number; attempts: number; unknown: boolean } | { do: 'bury' }

export type Backoff = (attempts: number) => number

const FIRST_BACKOFF_MS = 1_000
const LONGEST_BACKOFF_MS = 60_000

/** 1 s, 2 s, 4 s … up to a minute, each a little off so that lanes do not return in step. */
export function exponentialBackoff(attempts: number): number {
  const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts - 1, 10))
  return backoffMs * (0.8 + Math.random() * 0.4)
}

/** Tries in all; with the backoff above about half an hour. */
const MOST_TRIES = 30
/** Each may show the message once more. */
const MOST_LOST = 8
/** A late receipt tells nobody anything. */
const MOST_TRIES_OF_RECEIPT = 5

/** Judges by the class of the error; never gives up while Telegram cannot be reached at all. */
export function judge(error: unknown, purpose: string, attemptsBefore: number, backoff: Backoff): Verdict {
  const failure = classifyTelegramError(error)
  if (isStop(error)) return { do: 'release' }
  const attempts = attemptsBefore + 1
  const again: Verdict = { do: 'again', attempts, afterMs: backoff(attempts), unknown: false }
  if (!failure) return attempts < MOST_TRIES ? again : { do: 'bury' }
  switch (failure.kind) {
    case 'not-sent':
    case 'unauthorized':
      return again
    case 'retry-after':
      return { ...again, attempts: attemptsBefore, afterMs: failure.seconds * 1000 }
    case 'migrated':
      return { ...again, afterMs: 0 }
    case 'lost':
      return attempts < mostTries(purpose, MOST_LOST) ? { ...again, unknown: true } : { do: 'bury' }
    case 'server-error':
      return attempts < mostTries(purpose, MOST_TRIES) ? { ...again, unknown: true } : { do: 'bury' }
    default:
      return mayHeal(failure, purpose) && attempts < MOST_TRIES ? again : { do: 'bury' }
  }
}

function isStop(error: unknown): boolean {
  if (error instanceof LimiterStoppedError) return true
  return error instanceof Error && 'error' in error && error.error instanceof LimiterStoppedError
}

function mostTries(purpose: string, usual: number): number {
  return purpose === 'receipt' ? Math.min(usual, MOST_TRIES_OF_RECEIPT) : usual
}

/** The team's group may be put right by its owner while the message waits. */
function mayHeal({ kind }: TelegramFailure, purpose: string): boolean {
  if (purpose !== 'relay') return false
  return kind === 'chat-gone' || kind === 'no-rights' || kind === 'topic-gone' || kind === 'topic-closed'
}
