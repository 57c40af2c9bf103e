import { Composer } from 'grammy'
import type { SuccessfulPayment } from 'grammy/types'
import type { BotContext } from '#bot/context.ts'
import { profileOf } from '#bot/features/profile.ts'
import { INVOICE_DATA, sendStarsInvoice } from '#bot/payments/stars-invoice.ts'
import { closeLeftCheckout } from '#core/payments/checkout/close-left-checkout.ts'
import { findOpenOrder } from '#core/payments/checkout/find-open-order.ts'
import { noteStarsSubscription } from '#core/payments/stars/note-stars-subscription.ts'
import { settleStarsPayment } from '#core/payments/stars/settle-stars-payment.ts'
import { settleStarsRefund } from '#core/payments/stars/settle-stars-refund.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import type { StarsPayment } from '#core/rails/stars/stars-rail.ts'
import { registerUser } from '#core/users/register-user.ts'

/** Payments in Stars, from the wish to pay to what Telegram reports of it. */
export const stars = new Composer<BotContext>()

stars.on('message:successful_payment', async (ctx) => {
  const { database, rail, now, log } = ctx.services
  const profile = profileOf(ctx.from)
  await registerUser(database.prisma, profile)
  const payment = paymentOf(profile.id, ctx.message.successful_payment)
  const settled = await settleStarsPayment(database.prisma, { payment, now: now() })
  log.info({ status: settled.status, chargeId: payment.chargeId }, 'Stars were paid')
  if (settled.status !== 'granted') return
  await closeLeftCheckout(database.prisma, rail, settled).catch((err: unknown) => {
    // Should it be paid all the same, that money is kept apart and reported.
    log.warn({ err, orderId: settled.orderId }, 'a payment page that nobody needs any more stays open')
  })
})

/** Whoever asked for it: the team, or Telegram's own support. */
stars.on('message:refunded_payment', async (ctx) => {
  const { database, now, log } = ctx.services
  const chargeId = ctx.message.refunded_payment.telegram_payment_charge_id
  const settled = await settleStarsRefund(database.prisma, { chargeId, now: now() })
  log.info({ status: settled.status, chargeId }, 'Stars were given back')
})

/** The person changed the renewal in Telegram's own settings, or it could not be paid. */
stars.use(async (ctx, next) => {
  const { subscription } = ctx.update
  if (!subscription) return next()
  const { invoice_payload: payload, state } = subscription
  const userId = BigInt(subscription.user.id)
  await noteStarsSubscription(ctx.services.database.prisma, { userId, payload, state, now: ctx.services.now() })
})

stars.chatType('private').callbackQuery(INVOICE_DATA, async (ctx) => {
  const { database, now, settings } = ctx.services
  const found = { orderId: String(ctx.match[1]), userId: BigInt(ctx.from.id), now: now() }
  const order = await findOpenOrder(database.prisma, found)
  if (!order || !waysToPay(order, settings.current.rails).includes('stars')) {
    await ctx.answerCallbackQuery({ text: ctx.t('stars-order-closed'), show_alert: true })
    return
  }
  await ctx.answerCallbackQuery()
  await sendStarsInvoice(ctx, order)
})

function paymentOf(userId: bigint, paid: SuccessfulPayment): StarsPayment {
  const { subscription_expiration_date: until, is_recurring: isRecurring } = paid
  return {
    chargeId: paid.telegram_payment_charge_id,
    userId,
    amountStars: paid.total_amount,
    currency: paid.currency,
    payload: paid.invoice_payload,
    monthEndsAt: isRecurring && until !== undefined ? new Date(until * 1000) : null,
  }
}
