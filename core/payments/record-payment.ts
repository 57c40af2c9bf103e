import type { Payment, Prisma } from '#prisma'

/** What makes a payment known; each belongs to one row at most. */
type PaymentKeys = Pick<Payment, 'sessionId' | 'paymentIntentId' | 'invoiceId' | 'starsChargeId'>
type PaymentFacts = Pick<Payment, 'rail' | 'orderId' | 'userId' | 'amountMinor' | 'currency' | 'livemode' | 'problem'>

export type NewPayment = PaymentFacts & Partial<PaymentKeys & Pick<Payment, 'subscriptionId' | 'customerId'>>

/**
 * Writes down that money arrived, in minor units of its currency: `granted`, or `quarantined` where a problem is named.
 * Returns the row's id; null when one of its keys has a row already. One that is just being written is waited for, so
 * whoever gets an id is the only one to deal with this money.
 */
export async function recordPayment(tx: Prisma.TransactionClient, payment: NewPayment): Promise<string | null> {
  const { rail, orderId, userId, amountMinor, currency, livemode, problem } = payment
  const { sessionId = null, paymentIntentId = null, invoiceId = null, starsChargeId = null } = payment
  const { subscriptionId = null, customerId = null } = payment
  const state = problem === null ? 'granted' : 'quarantined'
  // Prisma prepares its own way of writing this anew every time, which takes longer than all the rest of a grant.
  const [row] = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO payments (id, rail, order_id, user_id, session_id, payment_intent_id, invoice_id, stars_charge_id,
                          subscription_id, customer_id, amount_minor, currency, livemode, state, problem)
    VALUES (gen_random_uuid(), ${rail}::rail, ${orderId}::uuid, ${userId}, ${sessionId}, ${paymentIntentId}, ${invoiceId},
            ${starsChargeId}, ${subscriptionId}, ${customerId}, ${amountMinor}, ${currency}, ${livemode},
            ${state}::payment_state, ${problem})
    ON CONFLICT DO NOTHING RETURNING id`
  return row?.id ?? null
}
