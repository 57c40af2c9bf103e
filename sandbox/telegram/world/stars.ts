import { randomInt } from 'node:crypto'
import type { StarMonthOutcome } from '../control-types-stars.ts'
import type { WireMessage, WireUser } from '../wire.ts'
import { getPerson, getWorldChat } from './chats.ts'
import { addServiceMessage } from './messages.ts'
import { type StarBooks, type StarInvoice, type StarSubscription, starPeriodSeconds } from './star-books.ts'
import type { World } from './world.ts'

export function findSubscription(books: StarBooks, chargeId: string): StarSubscription | undefined {
  return books.subscriptions.get(chargeId)
}

export function partnerOf(user: WireUser, payload: string, periodSeconds: number | null): Record<string, unknown> {
  const period = periodSeconds === null ? {} : { subscription_period: periodSeconds }
  return { type: 'user', transaction_type: 'invoice_payment', user, invoice_payload: payload, ...period }
}

interface Charge {
  user: WireUser
  amount: number
  payload: string
  /** Of a subscription's month. */
  month?: { until: number; isFirst: boolean }
}

/** Books what a person pays and tells the bot so, which is how a month renews too. */
function chargeStars(world: World, { user, amount, payload, month }: Charge): { chargeId: string; wire: WireMessage } {
  const chargeId = `stx${randomInt(2 ** 47).toString(36)}${randomInt(2 ** 47).toString(36)}`
  world.stars.payments.set(chargeId, { chargeId, userId: user.id, amount, payload, refunded: false })
  const partner = partnerOf(user, payload, month ? starPeriodSeconds : null)
  world.stars.transactions.push({ id: chargeId, amount, date: world.nowSeconds(), source: partner })
  const recurring = month ? { subscription_expiration_date: month.until, is_recurring: true } : {}
  const paid = {
    currency: 'XTR',
    total_amount: amount,
    invoice_payload: payload,
    ...recurring,
    ...(month?.isFirst ? { is_first_recurring: true } : {}),
    telegram_payment_charge_id: chargeId,
    provider_payment_charge_id: '',
  }
  const { wire } = addServiceMessage(world, getWorldChat(world, user.id), 'successful_payment', paid, { user })
  return { chargeId, wire }
}

/** The person has confirmed, the bot has agreed: the Stars move. */
export function completeInvoice(
  world: World,
  user: WireUser,
  invoiceKey: string,
  invoice: StarInvoice,
): { chargeId: string; wire: WireMessage } {
  const { amount, payload, periodSeconds } = invoice
  invoice.paidBy.push(user.id)
  if (periodSeconds === null) return chargeStars(world, { user, amount, payload })
  const until = world.nowSeconds() + periodSeconds
  const paid = chargeStars(world, { user, amount, payload, month: { until, isFirst: true } })
  const { chargeId } = paid
  const userId = user.id
  const subscription = { chargeId, userId, amount, payload, until, periodSeconds, invoiceKey }
  world.stars.subscriptions.set(chargeId, { ...subscription, state: 'active', chargeIds: [chargeId] })
  return paid
}

/** The end of a paid month. The bot is not asked before a renewal, only told. */
export function endMonth(world: World, subscription: StarSubscription, hasStars: boolean): StarMonthOutcome {
  const { userId, amount, payload } = subscription
  const { user } = getPerson(world, userId)
  if (subscription.state !== 'active') {
    subscription.state = 'ended'
    return { status: 'ended' }
  }
  if (!hasStars) {
    subscription.state = 'failed'
    tellSubscription(world, subscription, 'failed')
    return { status: 'failed' }
  }
  subscription.until += subscription.periodSeconds
  const month = { until: subscription.until, isFirst: false }
  const { chargeId, wire } = chargeStars(world, { user, amount, payload, month })
  subscription.chargeIds.push(chargeId)
  return { status: 'renewed', chargeId, message: wire }
}

export function tellSubscription(
  world: World,
  { userId, payload }: StarSubscription,
  state: 'active' | 'canceled' | 'failed',
): void {
  world.push('subscription', { user: getPerson(world, userId).user, invoice_payload: payload, state })
}

/** Lets the paid months end that the clock has passed, the earliest first. */
export function endDueMonths(world: World): void {
  for (;;) {
    const due = [...world.stars.subscriptions.values()]
      .filter(({ state, until }) => state !== 'ended' && state !== 'failed' && until <= world.nowSeconds())
      .sort((a, b) => a.until - b.until)[0]
    if (!due) return
    endMonth(world, due, true)
  }
}
