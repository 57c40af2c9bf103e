import { assertNever } from '#core/assert-never.ts'
import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import { applyCharge } from '#core/recharge/apply-charge.ts'
import { beginCharge } from '#core/recharge/begin-charge.ts'
import type { CardRail, CardRefusal, Charge } from '#core/recharge/card-rail.ts'
import { type ClaimedAttempt, postponeAttempt } from '#core/recharge/claim-attempts.ts'
import { type ChargeEnd, endCharge } from '#core/recharge/end-charge.ts'
import type { PrismaClient } from '#prisma'

interface Run {
  db: PrismaClient
  rail: Pick<PaymentRail, 'livemode' | 'cards'>
  attempt: ClaimedAttempt
  publicUrl: string
  now: Date
}

export type RanAttempt =
  | { status: 'ended' }
  /** Not decided; it is looked at again. */
  | { status: 'open'; because: string }

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 10 * 60_000
/** A charge that is not decided yet. */
const LOOK_AGAIN_MS = 30_000
/** Each round decides or finds that the charge has moved on meanwhile; more than this is a fault. */
const MOST_ROUNDS = 4

/**
 * Brings one claimed attempt as far as it gets: decide → write down → make the charge → keep its id → confirm it → write
 * down what became of it. It may die between any two of these; whoever takes it up then asks the rail what is true
 * about the one charge of this attempt, and no other charge is ever confirmed.
 */
export async function runAttempt(run: Run): Promise<RanAttempt> {
  const { db, attempt, now } = run
  const { id, userId } = attempt
  if (attempt.state === 'due' && !(await beginCharge(db, { id, userId, now }))) return { status: 'ended' }
  try {
    const found = await findOrMakeCharge(run)
    return 'how' in found ? await end(run, found) : await settle(run, found)
  } catch (error) {
    if (!(error instanceof RailUnavailableError)) throw error
    return postpone(run, Math.min(FIRST_RETRY_MS * 2 ** (attempt.tries - 1), LONGEST_RETRY_MS), 'no_answer')
  }
}

async function findOrMakeCharge(run: Run): Promise<Charge | ChargeEnd> {
  const { paymentIntentId } = run.attempt
  if (paymentIntentId === null) return makeCharge(run)
  const charge = await run.rail.cards.findCharge(paymentIntentId)
  return charge ?? { how: 'refused', reason: `Stripe does not know ${paymentIntentId}; was the key changed?` }
}

/** Nothing is charged here: what is made waits for its confirmation, which is given by the id that was kept. */
async function makeCharge({ db, rail, attempt }: Run): Promise<Charge | ChargeEnd> {
  const { user, order } = await db.rechargeAttempt.findUniqueOrThrow({
    where: { id: attempt.id },
    include: { order: true, user: { include: { rechargePlan: true } } },
  })
  const { stripeCustomerId: customerId, rechargePlan: plan } = user
  if (!order || plan?.state !== 'on') return { how: 'called_back' }
  if (customerId === null || plan.paymentMethodId === null) return { how: 'card_gone' }
  const made = await rail.cards.createCharge({
    attemptId: attempt.id,
    orderId: order.id,
    round: order.attempts + 1,
    customerId,
    paymentMethodId: plan.paymentMethodId,
    amountMinor: order.priceMinor,
    currency: order.currency,
    description: order.label,
  })
  if (made.status === 'round_spent') {
    await db.order.updateMany({
      where: { id: order.id, attempts: order.attempts },
      data: { attempts: order.attempts + 1 },
    })
    throw new RailUnavailableError('The answer to this request is used up')
  }
  if (made.status !== 'created') return endOf(made)
  return keepCharge(db, rail.cards, attempt.id, made.charge)
}

/** Only the charge that was kept is ever confirmed. */
async function keepCharge(db: PrismaClient, cards: CardRail, id: string, made: Charge): Promise<Charge> {
  const { count } = await db.rechargeAttempt.updateMany({
    where: { id, state: 'charging', paymentIntentId: null },
    data: { paymentIntentId: made.id },
  })
  if (count === 1) return made
  const { paymentIntentId } = await db.rechargeAttempt.findUniqueOrThrow({ where: { id } })
  const kept = paymentIntentId === null ? null : await cards.findCharge(paymentIntentId)
  if (!kept) throw new RailUnavailableError('Another charge was kept, and it cannot be seen')
  return kept
}

async function settle(run: Run, found: Charge): Promise<RanAttempt> {
  const { db, rail, attempt, now } = run
  let charge = found
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    switch (charge.status) {
      case 'succeeded': {
        const paid = charge
        await settleInTurn(db, (tx) => applyCharge(tx, { charge: paid, rail, now }))
        return { status: 'ended' }
      }
      case 'canceled':
        return end(run, endOfCanceled(charge))
      case 'processing':
        return postpone(run, LOOK_AGAIN_MS, 'processing')
      case 'unconfirmed': {
        if (!(await isStillWanted(db, attempt))) {
          charge = await cancel(rail.cards, charge)
          break
        }
        const confirmed = await rail.cards.confirmCharge(charge.id)
        if (confirmed.status === 'answered') {
          charge = confirmed.charge
          break
        }
        charge = await cancel(rail.cards, charge)
        if (charge.status === 'canceled') return end(run, endOf(confirmed))
        break
      }
      case 'declined':
      case 'needs_buyer':
        // First it must be sure that it cannot succeed any more, then the buyer may be told to pay otherwise.
        charge = await cancel(rail.cards, charge)
        break
      default:
        return assertNever(charge.status)
    }
  }
  return postpone(run, LOOK_AGAIN_MS, 'moving')
}

/** A plan that was turned off meanwhile is not charged, as long as it can be helped. */
async function isStillWanted(db: PrismaClient, { userId }: ClaimedAttempt): Promise<boolean> {
  const plan = await db.rechargePlan.findUnique({ where: { userId }, select: { state: true } })
  return plan?.state === 'on'
}

async function cancel(cards: CardRail, charge: Charge): Promise<Charge> {
  if ((await cards.cancelCharge(charge.id)) === 'canceled') return { ...charge, status: 'canceled' }
  return (await cards.findCharge(charge.id)) ?? { ...charge, status: 'canceled' }
}

function endOfCanceled({ declineCode }: Charge): ChargeEnd {
  if (declineCode === null) return { how: 'called_back' }
  return declineCode === 'authentication_required' ? { how: 'needs_buyer' } : { how: 'declined', code: declineCode }
}

function endOf(refusal: CardRefusal): ChargeEnd {
  return refusal.status === 'card_gone' ? { how: 'card_gone' } : { how: 'refused', reason: refusal.reason }
}

async function end({ db, attempt, publicUrl, now }: Run, chargeEnd: ChargeEnd): Promise<RanAttempt> {
  await endCharge(db, { attemptId: attempt.id, userId: attempt.userId, end: chargeEnd, publicUrl, now })
  return { status: 'ended' }
}

async function postpone({ db, attempt, now }: Run, afterMs: number, problem: string): Promise<RanAttempt> {
  await postponeAttempt(db, { id: attempt.id, until: new Date(now.getTime() + afterMs), problem })
  return { status: 'open', because: problem }
}
