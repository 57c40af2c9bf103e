import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { assertNever } from '#core/assert-never.ts'
import { isOrderToken } from '#core/payments/checkout/place-order.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import { applyCardSetup, type CardSettled } from '#core/recharge/apply-card-setup.ts'
import type { CardSetup } from '#core/recharge/card-rail.ts'
import { ensureCustomer, forgetCustomer } from '#core/recharge/ensure-customer.ts'
import type { PrismaClient, RechargePlan } from '#prisma'

export type OpenedCardSetup =
  | { status: 'redirect'; url: string }
  /** The card is there. */
  | { status: 'saved' }
  /** Auto-recharge is off, no card is wanted. */
  | { status: 'off' }
  | { status: 'unknown' }
  /** The rail does not answer; trying again helps. */
  | { status: 'unavailable' }
  /** The rail saves no cards for us; the team was told. */
  | { status: 'refused' }

type Rail = Pick<PaymentRail, 'livemode' | 'cards'>

/** A page about to close is not worth opening. */
const USABLE_FOR_MS = 10 * 60_000
/** Each round either answers or finds the plan changed by somebody else; more than this is a fault. */
const MAX_ROUNDS = 6

/** Our own addresses around saving a card. */
export function cardLinks(publicUrl: string, token: string) {
  const open = `${publicUrl}/checkout/card/${token}`
  return { open, status: `${open}/status` }
}

interface OpenInput {
  token: string
  publicUrl: string
  now: Date
}

/**
 * Opens the page that saves the card of a plan: the one that is open already, or a fresh one, so that the link never
 * leads to an expired page. Takes on the way what turns out to be saved.
 */
export async function openCardSetup(
  db: PrismaClient,
  rail: Rail,
  { token, publicUrl, now }: OpenInput,
): Promise<OpenedCardSetup> {
  if (!isOrderToken(token)) return { status: 'unknown' }
  try {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const plan = await db.rechargePlan.findUnique({ where: { cardToken: token } })
      if (!plan) return { status: 'unknown' }
      if (plan.state === 'off') return { status: 'off' }
      const outcome =
        plan.cardSessionId === null
          ? await openFresh(db, rail, { plan, token, publicUrl, now })
          : await followOpen(db, rail, { plan, sessionId: plan.cardSessionId, now })
      if (outcome) return outcome
    }
    return { status: 'unavailable' }
  } catch (error) {
    if (error instanceof RailUnavailableError) return { status: 'unavailable' }
    throw error
  }
}

/** Asks the rail about the page that a plan waits for, and takes the card if it is there. */
export async function settleCardSetup(
  db: PrismaClient,
  rail: Rail,
  { sessionId, now }: { sessionId: string; now: Date },
): Promise<CardSettled | { status: 'missing' }> {
  const setup = await rail.cards.findCardSetup(sessionId)
  if (!setup) return { status: 'missing' }
  return db.$transaction((tx) => applyCardSetup(tx, { setup, rail, now }))
}

/** Null when the plan should be looked at anew. */
async function followOpen(
  db: PrismaClient,
  rail: Rail,
  { plan, sessionId, now }: { plan: RechargePlan; sessionId: string; now: Date },
): Promise<OpenedCardSetup | null> {
  const setup = await rail.cards.findCardSetup(sessionId)
  if (setup && isUsable(setup, now)) return { status: 'redirect', url: setup.url }
  if (setup && setup.status !== 'open') {
    const settled = await db.$transaction((tx) => applyCardSetup(tx, { setup, rail, now }))
    return settled.status === 'saved' ? { status: 'saved' } : null
  }
  // Unknown to the rail, or about to close: it is not waited for any more.
  await db.rechargePlan.updateMany({
    where: { userId: plan.userId, cardSessionId: sessionId },
    data: { cardSessionId: null },
  })
  return null
}

async function openFresh(
  db: PrismaClient,
  rail: Rail,
  { plan, token, publicUrl, now }: OpenInput & { plan: RechargePlan },
): Promise<OpenedCardSetup | null> {
  const { userId, cardAttempts } = plan
  const customerId = await ensureCustomer(db, rail.cards, { userId, request: String(cardAttempts) })
  const { status } = cardLinks(publicUrl, token)
  const opened = await rail.cards.openCardSetup({
    userId,
    customerId,
    attempt: cardAttempts + 1,
    successUrl: status,
    cancelUrl: status,
  })
  switch (opened.status) {
    case 'opened': {
      const isKept = await spendAttempt(db, plan, opened.setup.id)
      return isKept && isUsable(opened.setup, now) ? { status: 'redirect', url: opened.setup.url } : null
    }
    case 'attempt_spent':
      await spendAttempt(db, plan, null)
      return null
    case 'card_gone':
      await forgetCustomer(db, { userId, customerId })
      await spendAttempt(db, plan, null)
      return null
    case 'refused':
      await raiseAlert(db, {
        key: 'card-setup-refused',
        severity: 'urgent',
        title: 'Cards cannot be saved for auto-recharge',
        detail: `Stripe refuses to open the page. ${opened.reason}`,
      })
      return { status: 'refused' }
    default:
      return assertNever(opened)
  }
}

/** Compare-and-set: of two clicks at once one keeps its page. */
async function spendAttempt(db: PrismaClient, plan: RechargePlan, cardSessionId: string | null): Promise<boolean> {
  const { count } = await db.rechargePlan.updateMany({
    where: { userId: plan.userId, cardAttempts: plan.cardAttempts, cardSessionId: null, state: { not: 'off' } },
    data: { cardAttempts: plan.cardAttempts + 1, cardSessionId },
  })
  return count === 1
}

function isUsable(setup: CardSetup, now: Date): setup is CardSetup & { url: string } {
  return setup.status === 'open' && setup.url !== null && setup.expiresAt.getTime() - now.getTime() > USABLE_FOR_MS
}
