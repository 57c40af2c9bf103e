import { acceptMessages, type IncomingMessage } from '#core/conversations/accept-messages.ts'
import { keepMessage } from '#core/kept-messages/keep-message.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { agreeToRecharge } from '#core/recharge/agree-to-recharge.ts'
import { type ClaimedAttempt, claimAttempts } from '#core/recharge/claim-attempts.ts'
import { openCardSetup, settleCardSetup } from '#core/recharge/open-card-setup.ts'
import { runAttempt } from '#core/recharge/run-attempt.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import type { Product } from '#prisma'
import type { SavedCardBehaviour } from '#sandbox/stripe/control-types.ts'
import { newProduct, newUser, PUBLIC_URL, type Shop } from '#testing/payments/shop.ts'

export interface Recharger {
  userId: bigint
  product: Product
}

/** Ten credits and two on top for five dollars, bought by itself at five credits or fewer. */
export const RECHARGE_AT = 5

let lastDebit = 0

/** Gives credits that were never bought. */
export async function giveCredits({ db }: Shop, userId: bigint, credits: number): Promise<void> {
  lastDebit += 1
  const ref = `start:${lastDebit}`
  const facts = { kind: 'gift', contra: 'promotions', actor: 'system' } as const
  await postEntry(db, { ...facts, userId, ref, paidDelta: credits })
}

/** Writes a message that costs so many credits; what it leaves may ask for a recharge. */
export async function spend({ database }: Pick<Shop, 'database'>, userId: bigint, credits: number): Promise<void> {
  lastDebit += 1
  const message = textFrom(userId, lastDebit)
  const settings = settingsSchema.parse({ messageCosts: { text: credits }, receipts: 'off', lowCredits: 0 })
  const options = { botId: 42, settings, owner: null, leaseSeconds: 15 }
  const [outcome] = await acceptMessages(database.pool, [message], options)
  if (outcome?.status !== 'accepted') throw new Error(`the message is ${outcome?.status}`)
}

/** Writes a message that is kept, because it could not be paid. */
export async function keep({ db }: Pick<Shop, 'db'>, userId: bigint, messageId: number, cost = 1): Promise<void> {
  await keepMessage(db, { botId: 42, message: textFrom(userId, messageId), cost, now: new Date() })
}

function textFrom(userId: bigint, messageId: number): IncomingMessage {
  return {
    userId: Number(userId),
    firstName: 'Ann',
    lastName: null,
    username: null,
    languageCode: 'en',
    albumId: null,
    preview: 'hello',
    parts: [{ messageId, kind: 'text', text: 'hello', content: {} }],
    updateIds: [],
  }
}

/** Agrees in these words; the plan waits for a card unless there is one. */
export async function agree(
  { db }: Shop,
  { userId, product }: Recharger,
  { threshold = RECHARGE_AT, monthlyCapMinor = 100_000, now = new Date() } = {},
) {
  const { id: productId, priceMinor } = product
  return agreeToRecharge(db, {
    userId,
    productId,
    priceMinor,
    threshold,
    monthlyCapMinor,
    text: 'I agree to this.',
    now,
  })
}

/** Clicks the link that saves a card and answers the page's id. */
export async function clickCardLink(shop: Shop, userId: bigint): Promise<string> {
  const { db, rail } = shop
  const plan = await db.rechargePlan.findUniqueOrThrow({ where: { userId } })
  const token = plan.cardToken ?? ''
  const opened = await openCardSetup(db, rail, { token, publicUrl: PUBLIC_URL, now: new Date() })
  const { cardSessionId } = await db.rechargePlan.findUniqueOrThrow({ where: { userId } })
  if (opened.status !== 'redirect' || cardSessionId === null) throw new Error(`the card link is ${opened.status}`)
  return cardSessionId
}

/** Saves a card that behaves like this when it is charged later. */
export async function saveCard(shop: Shop, userId: bigint, savedCard: SavedCardBehaviour = 'succeeds'): Promise<void> {
  const sessionId = await clickCardLink(shop, userId)
  await shop.world.paySession({ sessionId, savedCard })
  await settleCardSetup(shop.db, shop.rail, { sessionId, now: new Date() })
}

/** Somebody whose auto-recharge is on, with this many credits. */
export async function newRecharger(
  shop: Shop,
  {
    card = 'succeeds',
    credits = 20,
    ...terms
  }: { card?: SavedCardBehaviour; credits?: number; monthlyCapMinor?: number; now?: Date } = {},
): Promise<Recharger> {
  const [userId, product] = await Promise.all([newUser(shop), newProduct(shop)])
  await giveCredits(shop, userId, credits)
  await agree(shop, { userId, product }, terms)
  await saveCard(shop, userId, card)
  await shop.db.outboxItem.deleteMany({ where: { userId } })
  return { userId, product }
}

/** Works on attempts until none is due at the moment. */
export async function runDue({ db, rail }: Pick<Shop, 'db' | 'rail'>, now = new Date()): Promise<void> {
  for (;;) {
    const attempts = await claimAttempts(db, { limit: 10 })
    if (attempts.length === 0) return
    await Promise.all(attempts.map((attempt) => run({ db, rail }, attempt, now)))
  }
}

export function run({ db, rail }: Pick<Shop, 'db' | 'rail'>, attempt: ClaimedAttempt, now = new Date()) {
  return runAttempt({ db, rail, attempt, publicUrl: PUBLIC_URL, now })
}

/** Lets every open attempt be taken up at once, whoever held it and however long it was to wait. */
export async function makeDue({ database }: Shop): Promise<void> {
  await database.pool.query('UPDATE recharge_attempts SET next_try_at = NULL')
}

/** Everything that recharging may leave behind for a user. */
export async function readRecharge(shop: Shop, userId: bigint) {
  const { db, world } = shop
  const [plan, account, attempts, payments, orders, notices, user] = await Promise.all([
    db.rechargePlan.findUniqueOrThrow({ where: { userId } }),
    db.account.findUniqueOrThrow({ where: { userId } }),
    db.rechargeAttempt.findMany({ where: { userId }, orderBy: [{ createdAt: 'asc' }, { endedAt: 'asc' }] }),
    db.payment.findMany({ where: { userId } }),
    db.order.findMany({ where: { userId, origin: 'recharge' }, orderBy: { createdAt: 'asc' } }),
    db.outboxItem.findMany({ where: { userId, purpose: 'notice' }, orderBy: { id: 'asc' } }),
    db.user.findUniqueOrThrow({ where: { id: userId } }),
  ])
  const charges = await world.listCharges({ customerId: user.stripeCustomerId ?? 'none' })
  return {
    plan: plan.state,
    because: plan.suspendedReason,
    rechargeBelow: account.rechargeBelow,
    credits: account.paid + account.bonus - account.debt,
    attempts: attempts.map(({ state, problem }) => (problem ? `${state}: ${problem}` : state)),
    payments: payments.map(({ state }) => state),
    orders: orders.map(({ state }) => state),
    notices: notices.map(({ payload }) => (payload as { text: string }).text),
    /** What Stripe took from the user's cards, in minor units. */
    taken: charges.filter(({ status }) => status === 'succeeded').map(({ amount }) => amount),
  }
}
