import type { RechargePlan } from '#prisma'

/** From which a buyer may choose: a message that leaves this many credits or fewer asks for more. */
export const RECHARGE_THRESHOLDS = [5, 10, 25, 50] as const

/** From which a buyer may choose: the most per calendar month, as so many times the price. */
export const RECHARGE_CAPS = [2, 5, 10, 20] as const

/** So many charges that fail one after the other, and the card is not tried any more. */
export const MOST_FAILURES = 3

/** At most this many charges of one user within the window, whatever their balance does. */
export const MOST_CHARGES_PER_WINDOW = 2
export const CHARGE_WINDOW_MS = 10 * 60_000

/** Why a plan that its user wants rests until they do something. */
export type SuspendedReason =
  /** The card failed too often: another card. */
  | 'declined'
  /** Card or customer were removed at the rail: a card. */
  | 'card_gone'
  /** What was agreed to is sold at another price now, or not at all: a new agreement. */
  | 'price_changed'
  | 'product_gone'
  /** The rail will not charge it for a reason that the team has to look at. */
  | 'refused'

/** Whether the plan's card may still be charged. */
export function hasUsableCard(plan: Pick<RechargePlan, 'paymentMethodId' | 'failures'> | null): boolean {
  return plan !== null && plan.paymentMethodId !== null && plan.failures < MOST_FAILURES
}

/** The first moment of the calendar month (UTC) after the given one. */
export function nextMonth(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1))
}

/** The first moment of the calendar month (UTC). */
export function thisMonth(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1))
}
