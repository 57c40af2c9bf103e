import type Stripe from 'stripe'
import { z } from 'zod'
import type { BooksRail, ListedMoney, RefundOrder, RefundOutcome, TakenMoney } from '#core/rails/books-rail.ts'
import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import {
  REFUND_METADATA_KEY,
  readCustomerCard,
  readDispute,
  readMoney,
  readRefund,
  readTry,
} from '#core/rails/stripe/read-money.ts'
import { readSession } from '#core/rails/stripe/read-session.ts'
import { classifyStripeError } from '#core/rails/stripe/stripe-errors.ts'

const PAGE = 100
const FEW = 10

/** Looks into Stripe's books and gives money back. */
export function createStripeBooksRail(stripe: Stripe): BooksRail {
  return {
    findMoney: (by) => findMoney(stripe, by),
    findCheckoutId: async ({ paymentIntentId }) => {
      const page = await list(() => stripe.checkout.sessions.list({ payment_intent: paymentIntentId, limit: 1 }))
      return page[0] === undefined ? null : requireRead('checkout', readSession(page[0])).id
    },
    findTry: (id) => find('payment', () => stripe.paymentIntents.retrieve(id), readTry),
    findCard: (id) => find('card', () => stripe.paymentMethods.retrieve(id), readCustomerCard),
    async listOrderIds({ customerId }) {
      const sessions = await list(() => stripe.checkout.sessions.list({ customer: customerId, limit: FEW }))
      return sessions.flatMap((session) => requireRead('checkout', readSession(session)).orderId ?? [])
    },
    refund: (order) => refund(stripe, order),
    listMoney: (since) => listMoney(stripe, since),
    listEvents: ({ createdFrom }) => pages(stripe.events.list({ created: { gte: seconds(createdFrom) }, limit: PAGE })),
  }
}

async function findMoney(stripe: Stripe, by: Parameters<BooksRail['findMoney']>[0]): Promise<TakenMoney | null> {
  const chargeId = await findChargeId(stripe, by)
  const charge = chargeId && (await find('charge', () => stripe.charges.retrieve(chargeId), readMoney))
  if (!charge || charge.status !== 'succeeded') return null
  // One after the other: a dispute that is there by now does not make a refund before it disappear.
  const refunds = await list(() => stripe.refunds.list({ charge: charge.chargeId, limit: PAGE }))
  const disputes = await list(() => stripe.disputes.list({ charge: charge.chargeId, limit: PAGE }))
  const { status: _, refundedMinor: __, ...money } = charge
  return {
    ...money,
    refunds: refunds.map((each) => requireRead('refund', readRefund(each))),
    disputes: disputes.map((each) => requireRead('dispute', readDispute(each))),
  }
}

async function findChargeId(stripe: Stripe, by: Parameters<BooksRail['findMoney']>[0]): Promise<string | null> {
  if ('chargeId' in by) return by.chargeId
  if ('refundId' in by) {
    return (await find('refund', () => stripe.refunds.retrieve(by.refundId), readRefund))?.chargeId ?? null
  }
  if ('disputeId' in by) {
    return (await find('dispute', () => stripe.disputes.retrieve(by.disputeId), readDispute))?.chargeId ?? null
  }
  return (await find('payment', () => stripe.paymentIntents.retrieve(by.paymentIntentId), readTry))?.chargeId ?? null
}

async function refund(stripe: Stripe, order: RefundOrder): Promise<RefundOutcome> {
  const { requestId, attempt, paymentIntentId, chargeId, amountMinor } = order
  const of = paymentIntentId ? { payment_intent: paymentIntentId } : chargeId ? { charge: chargeId } : null
  if (!of) return { status: 'refused', reason: 'Stripe has no payment to give back' }
  try {
    const answer = await stripe.refunds.create(
      { ...of, amount: amountMinor, metadata: { [REFUND_METADATA_KEY]: requestId } },
      { idempotencyKey: `paydesk-refund-${requestId}-${attempt}` },
    )
    return { status: 'made', refundId: requireRead('refund', readRefund(answer)).id }
  } catch (error) {
    const failure = classifyStripeError(error)
    if (!failure) throw error
    switch (failure.kind) {
      case 'unavailable':
        throw new RailUnavailableError('Stripe did not answer', { cause: error })
      case 'failed_for_good':
      case 'key_reused':
        return { status: 'attempt_spent' }
      case 'missing':
        return { status: 'refused', reason: 'Stripe does not know this payment' }
      case 'refused':
        return { status: 'refused', reason: failure.reason }
    }
  }
}

async function* listMoney(stripe: Stripe, { createdFrom }: { createdFrom: Date }): AsyncIterable<ListedMoney> {
  const created = { gte: seconds(createdFrom) }
  for await (const charge of pages(stripe.charges.list({ created, limit: PAGE }))) {
    const { status, ...money } = requireRead('charge', readMoney(charge))
    if (status === 'succeeded') yield money
  }
}

const seconds = (moment: Date) => Math.floor(moment.getTime() / 1000)

/** The client takes any JSON without an `error` field for success, so the answer is read before it is believed. */
async function find<T>(what: string, ask: () => Promise<unknown>, read: (answer: unknown) => T | null) {
  try {
    return requireRead(what, read(await ask()))
  } catch (error) {
    const failure = classifyStripeError(error)
    if (failure?.kind === 'missing') return null
    throw unavailable(error)
  }
}

const pageSchema = z.object({ object: z.literal('list'), data: z.array(z.unknown()) })

/** The first page, where that is all there can be. */
async function list(ask: () => Promise<unknown>): Promise<unknown[]> {
  try {
    return requireRead('list', pageSchema.safeParse(await ask()).data ?? null).data
  } catch (error) {
    throw unavailable(error)
  }
}

async function* pages(all: AsyncIterable<unknown>): AsyncIterable<unknown> {
  try {
    yield* all
  } catch (error) {
    throw unavailable(error)
  }
}

function unavailable(error: unknown): unknown {
  return classifyStripeError(error) ? new RailUnavailableError('Stripe gave no usable answer', { cause: error }) : error
}

function requireRead<T>(what: string, read: T | null): T {
  if (read === null) throw new RailUnavailableError(`Stripe answered with something that is no ${what}`)
  return read
}
