import type { WireObject } from '#sandbox/stripe/control-types.ts'
import { stripe } from './control.ts'

/** One payment as the account's owner sees it in Stripe. */
export interface DeskPayment {
  chargeId: string
  amountMinor: number
  refundedMinor: number
  currency: string
  description: string
  at: number
  dispute: { id: string; status: string; isOpen: boolean } | null
}

export interface Desk {
  /** Seconds since the epoch, as Stripe has them. */
  now: number
  /** Newest first. */
  payments: DeskPayment[]
  isSelling: boolean
}

const SHOWN = 8
const OPEN_DISPUTE = new Set(['needs_response', 'under_review', 'warning_needs_response', 'warning_under_review'])

export async function lookAtDesk(): Promise<Desk> {
  const [{ now }, charges, disputes, subscriptions] = await Promise.all([
    stripe('advanceClock', { seconds: 0 }),
    stripe('listCharges'),
    stripe('listDisputes'),
    stripe('listSubscriptions'),
  ])
  const paid = charges.filter(({ status }) => status === 'succeeded').reverse()
  return {
    now,
    payments: paid.slice(0, SHOWN).map((charge) => paymentOf(charge, disputes)),
    isSelling: subscriptions.length > 0,
  }
}

function paymentOf(charge: WireObject, disputes: WireObject[]): DeskPayment {
  const dispute = disputes.find(({ id }) => id === charge.dispute)
  const status = String(dispute?.status)
  return {
    chargeId: charge.id,
    amountMinor: Number(charge.amount),
    refundedMinor: Number(charge.amount_refunded),
    currency: String(charge.currency),
    description: typeof charge.description === 'string' ? charge.description : 'Payment',
    at: Number(charge.created),
    dispute: dispute ? { id: dispute.id, status, isOpen: OPEN_DISPUTE.has(status) } : null,
  }
}

const DAY_SECONDS = 86_400
/** A renewal's money is taken an hour after its day, so both steps go a little further than they say. */
const MARGIN_SECONDS = 2 * 3600

export async function moveStripeClock(step: 'day' | 'month', now: number): Promise<void> {
  await stripe('advanceClock', { seconds: (step === 'day' ? DAY_SECONDS : monthFrom(now)) + MARGIN_SECONDS })
}

function monthFrom(now: number): number {
  const then = new Date(now * 1000)
  const day = then.getUTCDate()
  then.setUTCMonth(then.getUTCMonth() + 1)
  // Where the next month is too short, its last day is the one meant.
  if (then.getUTCDate() !== day) then.setUTCDate(0)
  return Math.floor(then.getTime() / 1000) - now
}
