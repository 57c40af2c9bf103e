import { raiseAlert, resolveAlert } from '#core/alerts/raise-alert.ts'
import { DAY_MS, HOUR_MS } from '#core/durations.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { findNamedOrder } from '#core/payments/checkout/find-named-order.ts'
import { applyMoney } from '#core/payments/refunds/apply-money.ts'
import { settleInTurn } from '#core/payments/settle-in-turn.ts'
import type { ListedMoney } from '#core/rails/books-rail.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { Payment, PrismaClient, Refund } from '#prisma'

const ALERT = 'payments-differ'
/** Younger money is left to the webhooks. */
const LEFT_ALONE_MS = HOUR_MS
/** Longer lists tell nobody more. */
const LINES = 20

export interface DailyCheck {
  /** Payments at Stripe that were looked at. */
  compared: number
  /** What does not agree, one line each, in words for the team. */
  differences: string[]
}

type Booked = Payment & { refunds: Refund[] }

/**
 * Holds what Stripe took in the last days against what we booked: money without a payment, a payment without money, an
 * order paid twice, other amounts or currencies, other refunds. Refunds that differ are read anew and booked. What still differs is reported as
 * one alert with a line for each; it closes itself when everything agrees.
 * Throws RailUnavailableError when Stripe does not answer; then nothing is reported.
 */
export async function checkAgainstStripe(
  db: PrismaClient,
  rail: PaymentRail,
  { now, days = 3 }: { now: Date; days?: number },
): Promise<DailyCheck> {
  const from = new Date(now.getTime() - days * DAY_MS)
  const to = new Date(now.getTime() - LEFT_ALONE_MS)
  const differences: string[] = []
  const seen = new Set<string>()
  const kept = new Map<string, string[]>()
  let compared = 0
  for await (const money of rail.books.listMoney({ createdFrom: from })) {
    if (money.createdAt > to) continue
    const payment = await findBooked(db, money)
    if (payment) seen.add(payment.id)
    else if (!(await isOurs(db, money))) continue
    compared += 1
    if (money.orderId !== null && money.refundedMinor < money.amountMinor) {
      kept.set(money.orderId, [...(kept.get(money.orderId) ?? []), money.chargeId])
    }
    differences.push(...(payment ? await compare(db, rail, { payment, money, now }) : [unbooked(money)]))
  }
  for (const charges of kept.values()) {
    if (charges.length > 1)
      differences.push(`One order was paid more than once and the money was kept: ${charges.join(', ')}.`)
  }
  differences.push(...(await bookedWithoutMoney(db, rail, { from, to, seen })))
  await report(db, differences)
  return { compared, differences }
}

const amountOf = ({ amountMinor, currency }: { amountMinor: number; currency: string }) =>
  currency === '' ? `${amountMinor} minor units` : formatMoney({ amountMinor, currency })

function findBooked(db: PrismaClient, { chargeId, paymentIntentId }: ListedMoney): Promise<Booked | null> {
  return db.payment.findFirst({
    where: { OR: [{ chargeId }, ...(paymentIntentId ? [{ paymentIntentId }] : [])] },
    include: { refunds: true },
  })
}

/** Others may sell through the same account. Ours names an order, or comes from a customer whom we know. */
async function isOurs(db: PrismaClient, { orderId, customerId }: ListedMoney): Promise<boolean> {
  if (await findNamedOrder(db, orderId)) return true
  return customerId !== null && (await db.user.count({ where: { stripeCustomerId: customerId } })) > 0
}

function unbooked(money: ListedMoney): string {
  const back = money.refundedMinor === money.amountMinor ? ', and given back' : ''
  return `${amountOf(money)} was taken by ${money.chargeId}${back}, but no payment is booked for it.`
}

interface Pair {
  payment: Booked
  money: ListedMoney
  now: Date
}

async function compare(db: PrismaClient, rail: PaymentRail, { payment, money, now }: Pair): Promise<string[]> {
  const lines: string[] = []
  if (payment.amountMinor !== money.amountMinor || payment.currency !== money.currency) {
    lines.push(`Stripe took ${amountOf(money)} by ${money.chargeId}, we booked ${amountOf(payment)}.`)
  }
  if (refundedOf(payment) === money.refundedMinor) return lines
  const whole = await rail.books.findMoney({ chargeId: money.chargeId })
  if (whole) await settleInTurn(db, (tx) => applyMoney(tx, { money: whole, now }))
  const after = await findBooked(db, money)
  const { currency } = payment
  lines.push(
    after && refundedOf(after) === money.refundedMinor
      ? `A refund of ${money.chargeId} had been missed and is booked now.`
      : `Stripe gave back ${amountOf({ amountMinor: money.refundedMinor, currency })} of ${money.chargeId}, we booked ${amountOf({ amountMinor: after ? refundedOf(after) : 0, currency })}.`,
  )
  return lines
}

/**
 * What went back by refunds. Not what is left of the whole without lost disputes: a bank may take back money that was
 * refunded already, and no more than all of it goes back.
 */
function refundedOf({ refunds }: Booked): number {
  const made = refunds.filter(({ status }) => status !== 'failed' && status !== 'canceled')
  return made.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
}

interface Period {
  from: Date
  to: Date
  seen: ReadonlySet<string>
}

/** A payment is booked some time after its charge, so those that are booked early in the period are asked about singly. */
async function bookedWithoutMoney(db: PrismaClient, rail: PaymentRail, { from, to, seen }: Period): Promise<string[]> {
  const lines: string[] = []
  const booked = await db.payment.findMany({
    where: { rail: 'stripe', createdAt: { gte: from, lte: to }, amountMinor: { gt: 0 }, livemode: rail.livemode },
    orderBy: { createdAt: 'asc' },
  })
  for (const payment of booked) {
    if (seen.has(payment.id) || payment.paymentIntentId === null) continue
    const money = await rail.books.findMoney({ paymentIntentId: payment.paymentIntentId })
    if (!money)
      lines.push(`We booked ${amountOf(payment)} by ${payment.paymentIntentId}, but Stripe took no such money.`)
  }
  return lines
}

async function report(db: PrismaClient, differences: string[]): Promise<void> {
  if (differences.length === 0) return resolveAlert(db, { key: ALERT })
  const more = differences.length > LINES ? [`And ${differences.length - LINES} more.`] : []
  await raiseAlert(db, {
    key: ALERT,
    severity: 'urgent',
    title: 'Stripe and the books differ',
    detail: [...differences.slice(0, LINES), ...more].join('\n'),
  })
}

/** As `checkAgainstStripe`; a Stripe that does not answer is waited for until the next time. */
export async function tryCheckAgainstStripe(
  db: PrismaClient,
  rail: PaymentRail,
  { now }: { now: Date },
): Promise<DailyCheck | null> {
  try {
    return await checkAgainstStripe(db, rail, { now })
  } catch (error) {
    if (error instanceof RailUnavailableError) return null
    throw error
  }
}
