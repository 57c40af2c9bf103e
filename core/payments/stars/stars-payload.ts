import { z } from 'zod'

const PREFIX = 'order:'

/** What an invoice in Stars carries, unseen by the buyer, to say which order it is for. */
export function starsPayload(orderId: string): string {
  return `${PREFIX}${orderId}`
}

/** The order that a payload names; null when it is none of ours. */
export function readStarsPayload(payload: string): string | null {
  const id = payload.startsWith(PREFIX) ? payload.slice(PREFIX.length) : ''
  // PostgreSQL would fail on what is no uuid.
  return z.uuid().safeParse(id).success ? id : null
}
