/** An update as it goes into the inbox: Telegram's JSON, untouched. */
export interface ReceivedUpdate {
  updateId: number
  lane: string
  /** The update as JSON text. */
  payload: string
}

/** A row that still waits to be handled. */
export interface OpenUpdate {
  updateId: number
  lane: string
  payload: unknown
  /** How often handling it failed. */
  attempts: number
  /** How long it must still wait for its next attempt; 0 when it may be handled now. */
  waitMs: number
}

/**
 * How long a finished row is kept. Telegram redelivers for 24 h, so nothing older can be a redelivery; and it draws
 * update ids anew after a quiet week, so an older row with the same id is a different update.
 */
export const KEEP_FINISHED_HOURS = 48
