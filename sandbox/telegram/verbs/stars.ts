import { randomInt } from 'node:crypto'
import type { ControlVerbs } from '../control-types.ts'
import type { InvoiceRef, PaymentOutcome, StarSubscriptionView, StarVerbs } from '../control-types-stars.ts'
import type { WireUser } from '../wire.ts'
import { getPerson, getWorldChat } from '../world/chats.ts'
import { noteEdited } from '../world/messages.ts'
import type { StarInvoice, StarSubscription } from '../world/star-books.ts'
import { completeInvoice, endMonth, findSubscription, tellSubscription } from '../world/stars.ts'
import type { World } from '../world/world.ts'

const checkoutDeadlineMs = 10_000

export function starVerbs(world: World): StarVerbs {
  return {
    payInvoice: (p) => payInvoice(world, p),
    listStarSubscriptions: (p) =>
      [...world.stars.subscriptions.values()]
        .filter(({ userId }) => p?.userId === undefined || p.userId === userId)
        .map(viewOf),
    changeStarSubscription: ({ chargeId, change }) =>
      changeSubscription(world, getSubscription(world, chargeId), change),
    letStarMonthPass: ({ chargeId, hasStars }) => endMonth(world, getSubscription(world, chargeId), hasStars ?? true),
    withdrawStars: ({ amount }) => {
      world.stars.transactions.push({
        id: `wd${randomInt(2 ** 47).toString(36)}`,
        amount,
        date: world.nowSeconds(),
        receiver: { type: 'fragment', withdrawal_state: { type: 'pending' } },
      })
    },
  }
}

function viewOf(subscription: StarSubscription): StarSubscriptionView {
  const { chargeId, userId, amount, payload, until, state, chargeIds } = subscription
  return { chargeId, userId, amount, payload, until, state, chargeIds: [...chargeIds] }
}

function getSubscription(world: World, chargeId: string): StarSubscription {
  const subscription = findSubscription(world.stars, chargeId)
  if (!subscription) throw new Error(`no subscription began with the payment ${chargeId}`)
  return subscription
}

function changeSubscription(world: World, subscription: StarSubscription, change: 'cancel' | 'resume'): void {
  const wanted = change === 'cancel' ? 'active' : 'canceled'
  if (subscription.state !== wanted) throw new Error(`the subscription is ${subscription.state}`)
  subscription.state = change === 'cancel' ? 'canceled' : 'active'
  tellSubscription(world, subscription, subscription.state)
}

async function payInvoice(world: World, p: Parameters<ControlVerbs['payInvoice']>[0]): Promise<PaymentOutcome> {
  const { user } = getPerson(world, p.userId)
  const { key, invoice } = getInvoice(world, p)
  if (isPaidBy(world, key, invoice, user.id)) return { status: 'already-paid' }
  const answer = await askBeforeCheckout(world, user, invoice)
  if (answer === null) return { status: 'timed-out' }
  if (!answer.ok) return { status: 'declined', reason: answer.reason }
  if (isPaidBy(world, key, invoice, user.id)) return { status: 'already-paid' }
  const { chargeId, wire } = completeInvoice(world, user, key, invoice)
  if ('messageId' in p) {
    const message = world.findMessage(getWorldChat(world, p.chatId), p.messageId)
    if (message) noteEdited(world, message)
  }
  return { status: 'paid', chargeId, message: wire }
}

function getInvoice(world: World, p: InvoiceRef): { key: string; invoice: StarInvoice } {
  const key = 'link' in p ? p.link : `${p.chatId}:${p.messageId}`
  const isGone = 'messageId' in p && !world.findMessage(getWorldChat(world, p.chatId), p.messageId)
  const invoice = isGone ? undefined : world.stars.invoices.get(key)
  if (!invoice) throw new Error(`there is no invoice at ${key}`)
  return { key, invoice }
}

/** Links can be paid again and again, but nobody has the same subscription twice at a time. */
function isPaidBy(world: World, key: string, invoice: StarInvoice, userId: number): boolean {
  if (!key.startsWith('https:')) return invoice.paidBy.includes(userId)
  if (invoice.periodSeconds === null) return false
  const isRunning = (subscription: StarSubscription) =>
    subscription.invoiceKey === key &&
    subscription.userId === userId &&
    subscription.state !== 'ended' &&
    subscription.state !== 'failed'
  return [...world.stars.subscriptions.values()].some(isRunning)
}

function askBeforeCheckout(
  world: World,
  user: WireUser,
  invoice: StarInvoice,
): Promise<{ ok: boolean; reason: string } | null> {
  const id = String(randomInt(2 ** 47))
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(null), checkoutDeadlineMs)
    const settle = (answer: { ok: boolean; reason: string } | null) => {
      clearTimeout(timer)
      world.checkouts.delete(id)
      resolve(answer)
    }
    world.checkouts.set(id, { id, expiresAt: world.now() + checkoutDeadlineMs, settle })
    world.push('pre_checkout_query', {
      id,
      from: user,
      currency: 'XTR',
      total_amount: invoice.amount,
      invoice_payload: invoice.payload,
    })
  })
}
