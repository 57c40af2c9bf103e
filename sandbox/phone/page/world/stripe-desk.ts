import type { WireObject, WireSession } from '#sandbox/stripe/control-types.ts'
import { learnPeople, personBehind } from '../narration/stripe-people.ts'
import { stripe } from './control.ts'
import { castNow, nameOf } from './narrate.ts'
import { getState } from './store.ts'

/** One payment as the account's owner sees it in Stripe. */
export interface DeskPayment {
  chargeId: string
  amountMinor: number
  refundedMinor: number
  currency: string
  /** The person's name, or the address that was given to Stripe; null where nobody said who it is. */
  buyer: string | null
  product: string
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
  const [{ now }, charges, disputes, subscriptions, sessions] = await Promise.all([
    stripe('advanceClock', { seconds: 0 }),
    stripe('listCharges'),
    stripe('listDisputes'),
    stripe('listSubscriptions'),
    stripe('listSessions'),
  ])
  const paid = charges.filter(({ status }) => status === 'succeeded').reverse()
  return {
    now,
    payments: paid.slice(0, SHOWN).map((charge) => paymentOf(charge, disputes, sessions)),
    isSelling: subscriptions.length > 0,
  }
}

function paymentOf(charge: WireObject, disputes: WireObject[], sessions: WireSession[]): DeskPayment {
  const dispute = disputes.find(({ id }) => id === charge.dispute)
  const status = String(dispute?.status)
  return {
    chargeId: charge.id,
    amountMinor: Number(charge.amount),
    refundedMinor: Number(charge.amount_refunded),
    currency: String(charge.currency),
    buyer: buyerOf(charge, sessions),
    product: productOf(charge, sessions),
    at: Number(charge.created),
    dispute: dispute ? { id: dispute.id, status, isOpen: OPEN_DISPUTE.has(status) } : null,
  }
}

function buyerOf(charge: WireObject, sessions: WireSession[]): string | null {
  const cast = castNow()
  const personId = personBehind(learnPeople(getState().narration, sessions, cast), [charge], cast)
  if (personId !== null) return nameOf(personId)
  const { email } = (charge.billing_details ?? {}) as { email?: unknown }
  return typeof email === 'string' ? email : null
}

/** Of a renewal Stripe says on the charge only that it is one; what renews is on the page where it was bought. */
function productOf({ payment_intent, customer, description }: WireObject, sessions: WireSession[]): string {
  const session =
    sessions.find((one) => payment_intent !== null && one.payment_intent === payment_intent) ??
    sessions.find((one) => one.mode === 'subscription' && customer !== null && one.customer === customer)
  const { data = [] } = (session?.line_items ?? {}) as { data?: { description?: string | null }[] }
  const [item] = data
  return item?.description ?? (typeof description === 'string' ? description : 'Payment')
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
