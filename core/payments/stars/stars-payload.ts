import { asUuid } from '#core/as-uuid.ts'

const PREFIX = 'order:'

/** What an invoice in Stars carries, unseen by the buyer, to say which order it is for. */
export function starsPayload(orderId: string): string {
  return `${PREFIX}${orderId}`
}

/** The order that a payload names; null when it is none of ours. */
export function readStarsPayload(payload: string): string | null {
  return payload.startsWith(PREFIX) ? asUuid(payload.slice(PREFIX.length)) : null
}
