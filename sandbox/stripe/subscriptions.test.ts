import type { Stripe } from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PaySessionInput } from './control-types.ts'
import { monthly, refusalOf, startTestStripe, type TestStripe, tenCredits, typesOf } from './test-support.ts'

const DAY = 86_400
const START = Date.UTC(2026, 0, 31, 12) / 1000

let stripe: TestStripe
beforeEach(async () => {
  stripe = await startTestStripe({ clock: () => START * 1000, disputeDelayMs: 1000 })
})
afterEach(() => stripe.close())

async function subscribe(pay: Omit<PaySessionInput, 'sessionId'> = {}) {
  const { id } = await stripe.sdk.checkout.sessions.create(monthly)
  const { session } = await stripe.world.paySession({ sessionId: id, ...pay })
  await stripe.world.waitForIdleWebhooks()
  return { sessionId: id, subscriptionId: String(session.subscription), customerId: String(session.customer) }
}

const advance = (days: number) => stripe.world.advanceClock({ seconds: days * DAY })

async function typesDuring(deed: () => Promise<unknown>): Promise<string[]> {
  await stripe.world.waitForIdleWebhooks()
  stripe.received.length = 0
  await deed()
  await stripe.world.waitForIdleWebhooks()
  return typesOf(stripe)
}

const invoicesOf = async (subscription: string) =>
  (await stripe.sdk.invoices.list({ subscription, expand: ['data.payments'] })).data

function intentOf(invoice: Stripe.Invoice | undefined): string {
  const intent = invoice?.payments?.data[0]?.payment.payment_intent
  return typeof intent === 'string' ? intent : 'none'
}

describe('checkout in subscription mode', () => {
  test('makes a customer, a subscription, a paid invoice and a saved card', async () => {
    const { sessionId, subscriptionId, customerId } = await subscribe()
    const session = await stripe.sdk.checkout.sessions.retrieve(sessionId, { expand: ['subscription', 'invoice'] })
    expect(session).toMatchObject({ payment_status: 'paid', payment_intent: null, amount_total: 900 })
    expect(session.subscription).toMatchObject({
      status: 'active',
      metadata: { order_id: 'order-1' },
      items: { data: [{ current_period_start: START, price: { unit_amount: 900, recurring: { interval: 'month' } } }] },
    })
    const [invoice] = await invoicesOf(subscriptionId)
    expect(invoice).toMatchObject({
      status: 'paid',
      billing_reason: 'subscription_create',
      amount_paid: 900,
      parent: { subscription_details: { subscription: subscriptionId, metadata: { order_id: 'order-1' } } },
      lines: { data: [{ amount: 900, parent: { type: 'subscription_item_details' } }] },
    })
    const intent = intentOf(invoice)
    expect(await stripe.sdk.paymentIntents.retrieve(intent)).toMatchObject({ status: 'succeeded', amount: 900 })
    expect((await stripe.sdk.customers.listPaymentMethods(customerId)).data).toHaveLength(1)
  })

  test('tells it in order, and only once it is paid', async () => {
    const { id } = await stripe.sdk.checkout.sessions.create(monthly)
    const declined = await typesDuring(() => stripe.world.paySession({ sessionId: id, outcome: 'declined' }))
    expect(declined).toEqual([
      'customer.created',
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
    ])
    const paid = await typesDuring(() => stripe.world.paySession({ sessionId: id }))
    expect(paid).toEqual([
      'payment_method.attached',
      'payment_intent.succeeded',
      'charge.succeeded',
      'customer.subscription.created',
      'invoice.created',
      'invoice.finalized',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
      'checkout.session.completed',
    ])
  })

  test('shows its price with the rhythm, and only cards to pay with', async () => {
    const { id, url } = await stripe.sdk.checkout.sessions.create(monthly)
    const page = await (await fetch(url ?? '')).text()
    expect(page).toContain('$9.00 per month')
    expect(page).toContain('When it is charged later')
    expect(page).not.toContain('Bank debit')
    const body = new URLSearchParams({ email: 'ann@example.com', outcome: 'succeeds', savedCard: 'declined' })
    const paid = await fetch(url ?? '', { method: 'POST', body, redirect: 'manual' })
    expect(paid.headers.get('location')).toBe(`https://shop.example/done?session=${id}`)
    expect(await stripe.world.listSubscriptions({ status: 'active' })).toHaveLength(1)
  })

  test('lets the bank ask the buyer, and the buyer fail and try again', async () => {
    const { id } = await stripe.sdk.checkout.sessions.create(monthly)
    const pay = (challenge: 'complete' | 'fail') =>
      stripe.world.paySession({ sessionId: id, outcome: 'authentication', challenge })
    expect((await pay('fail')).status).toBe('declined')
    expect(await stripe.world.listSubscriptions()).toEqual([])
    expect((await pay('complete')).status).toBe('complete')
    expect(await stripe.world.listSubscriptions()).toHaveLength(1)
  })

  test('can be paid by a card that is disputed later', async () => {
    await subscribe({ outcome: 'disputed' })
    await stripe.world.advanceClock({ seconds: 2 })
    expect(await stripe.world.listDisputes()).toMatchObject([{ amount: 900, status: 'needs_response' }])
  })

  test('is refused what makes no subscription', async () => {
    const create = (change: object) => refusalOf(stripe.sdk.checkout.sessions.create({ ...monthly, ...change }))
    expect((await create({ line_items: tenCredits.line_items })).message).toContain('at least one recurring price')
    expect((await create({ customer_creation: 'always' })).param).toBe('customer_creation')
    expect((await create({ payment_intent_data: { description: 'x' } })).param).toBe('payment_intent_data')
    expect((await create({ subscription_data: { trial: 1 } })).code).toBe('parameter_unknown')
    const once = refusalOf(stripe.sdk.checkout.sessions.create({ ...monthly, mode: 'payment' }))
    expect((await once).message).toContain('subscription')
  })
})

describe('a renewal', () => {
  test('moves the period on the day and takes the money an hour later', async () => {
    const { subscriptionId } = await subscribe()
    const renewal = await typesDuring(() => advance(28))
    expect(renewal).toEqual(['invoice.created', 'customer.subscription.updated'])
    expect((await invoicesOf(subscriptionId))[0]).toMatchObject({
      status: 'draft',
      billing_reason: 'subscription_cycle',
    })
    const collection = await typesDuring(() => stripe.world.advanceClock({ seconds: 3600 }))
    expect(collection).toEqual([
      'payment_intent.created',
      'invoice.finalized',
      'payment_intent.succeeded',
      'charge.succeeded',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_succeeded',
      'invoice_payment.paid',
    ])
    const { items } = await stripe.sdk.subscriptions.retrieve(subscriptionId)
    expect(items.data[0]).toMatchObject({
      current_period_start: Date.UTC(2026, 1, 28, 12) / 1000,
      current_period_end: Date.UTC(2026, 2, 31, 12) / 1000,
    })
  })

  test('comes every month when a whole year passes at once', async () => {
    const { subscriptionId } = await subscribe()
    await advance(366)
    const invoices = await invoicesOf(subscriptionId)
    expect(invoices).toHaveLength(10)
    const { data, has_more } = await stripe.sdk.invoices.list({ subscription: subscriptionId, limit: 100 })
    expect([data.length, has_more]).toEqual([13, false])
    expect(new Set(data.map(({ created }) => created)).size).toBe(13)
  })
})

describe('a renewal whose card fails', () => {
  test('is tried again by the plan, and ends the subscription after the last try', async () => {
    const { subscriptionId } = await subscribe({ savedCard: 'declined' })
    const failure = await typesDuring(() => advance(29))
    expect(failure.slice(-6)).toEqual([
      'charge.failed',
      'payment_intent.payment_failed',
      'invoice.updated',
      'invoice.payment_failed',
      'customer.updated',
      'customer.subscription.updated',
    ])
    expect((await stripe.sdk.subscriptions.retrieve(subscriptionId)).status).toBe('past_due')
    await advance(3)
    expect((await invoicesOf(subscriptionId))[0]).toMatchObject({ attempt_count: 2, status: 'open' })
    await advance(12)
    const ended = await stripe.sdk.subscriptions.retrieve(subscriptionId)
    expect(ended).toMatchObject({ status: 'canceled', cancellation_details: { reason: 'payment_failed' } })
    expect((await invoicesOf(subscriptionId))[0]).toMatchObject({ attempt_count: 4, next_payment_attempt: null })
    expect(await typesDuring(() => advance(90))).toEqual([])
  })

  test('heals at the next try once the card works', async () => {
    const { subscriptionId, customerId } = await subscribe({ savedCard: 'insufficient_funds' })
    await advance(29)
    await stripe.world.setSavedCardBehaviour({ customerId, behaviour: 'succeeds' })
    await advance(3)
    expect((await stripe.sdk.subscriptions.retrieve(subscriptionId)).status).toBe('active')
    expect((await invoicesOf(subscriptionId))[0]).toMatchObject({ status: 'paid', attempt_count: 2 })
  })

  test('may leave the subscription unpaid instead, by the account’s settings', async () => {
    await stripe.world.setDunning({ retryAfterDays: [], finally: 'unpaid' })
    const { subscriptionId } = await subscribe({ savedCard: 'declined' })
    await advance(29)
    expect((await stripe.sdk.subscriptions.retrieve(subscriptionId)).status).toBe('unpaid')
  })

  test('asks for the buyer when the bank does, who can pay on the invoice’s page', async () => {
    const { subscriptionId } = await subscribe({ savedCard: 'authentication_required' })
    const types = await typesDuring(() => advance(29))
    expect(types).toContain('invoice.payment_action_required')
    const [invoice] = await invoicesOf(subscriptionId)
    const url = String(invoice?.hosted_invoice_url)
    expect(await (await fetch(url)).text()).toContain('$9.00')
    await fetch(url, { method: 'POST', body: new URLSearchParams({ outcome: 'succeeds' }) })
    expect((await stripe.sdk.subscriptions.retrieve(subscriptionId)).status).toBe('active')
  })

  test('can be paid by hand, with a card error when that fails too', async () => {
    const { subscriptionId, customerId } = await subscribe({ savedCard: 'declined' })
    await advance(29)
    const [invoice] = await invoicesOf(subscriptionId)
    const id = String(invoice?.id)
    expect(await refusalOf(stripe.sdk.invoices.pay(id))).toMatchObject({ statusCode: 402, code: 'card_declined' })
    const { data } = await stripe.sdk.customers.listPaymentMethods(customerId)
    expect(data).toHaveLength(1)
    const paid = await stripe.sdk.invoices.pay(id, { payment_method: 'pm_card_visa' })
    expect(paid.status).toBe('paid')
    expect((await refusalOf(stripe.sdk.invoices.pay(id))).message).toBe('Invoice is already paid')
  })
})

describe('a cancellation', () => {
  test('at the period’s end keeps the subscription until then, and can be taken back', async () => {
    const { subscriptionId } = await subscribe()
    const end = Date.UTC(2026, 1, 28, 12) / 1000
    const set = (on: boolean) => stripe.sdk.subscriptions.update(subscriptionId, { cancel_at_period_end: on })
    expect(await set(true)).toMatchObject({ status: 'active', cancel_at_period_end: true, cancel_at: end })
    expect(await set(false)).toMatchObject({ cancel_at_period_end: false, cancel_at: null, canceled_at: null })
    await set(true)
    expect(await typesDuring(() => advance(29))).toEqual(['customer.subscription.deleted'])
    expect(await stripe.sdk.subscriptions.retrieve(subscriptionId)).toMatchObject({ status: 'canceled', ended_at: end })
  })

  test('at once is final', async () => {
    const { subscriptionId } = await subscribe()
    expect((await stripe.sdk.subscriptions.cancel(subscriptionId)).status).toBe('canceled')
    const late = await refusalOf(stripe.sdk.subscriptions.update(subscriptionId, { cancel_at_period_end: false }))
    expect(late.message).toContain('A canceled subscription can only update')
    expect((await refusalOf(stripe.sdk.subscriptions.cancel(subscriptionId))).statusCode).toBe(404)
    const list = (status?: 'all') => stripe.sdk.subscriptions.list(status ? { status } : {})
    expect([(await list()).data.length, (await list('all')).data.length]).toEqual([0, 1])
    expect(await typesDuring(() => advance(90))).toEqual([])
  })
})

describe('a change of plan', () => {
  const priceOf = async (amount: number, interval: 'month' | 'year' = 'month') =>
    await stripe.sdk.prices.create({
      currency: 'usd',
      unit_amount: amount,
      recurring: { interval },
      product_data: { name: `Plan ${amount}` },
    })

  test('without proration costs the new price from the next period on', async () => {
    const { subscriptionId } = await subscribe()
    const { items } = await stripe.sdk.subscriptions.retrieve(subscriptionId)
    const price = (await priceOf(2000)).id
    const types = await typesDuring(() =>
      stripe.sdk.subscriptions.update(subscriptionId, {
        items: [{ id: items.data[0]?.id ?? '', price }],
        proration_behavior: 'none',
      }),
    )
    expect(types).toEqual(['customer.subscription.updated'])
    await advance(29)
    expect((await invoicesOf(subscriptionId))[0]).toMatchObject({ amount_paid: 2000 })
  })

  test('with proration charges the difference at once or with the next invoice', async () => {
    for (const [proration_behavior, paid] of [
      ['always_invoice', [550, 900]],
      ['create_prorations', [900]],
    ] as const) {
      const { subscriptionId } = await subscribe()
      await advance(14)
      const { items } = await stripe.sdk.subscriptions.retrieve(subscriptionId)
      const price = (await priceOf(2000)).id
      await stripe.sdk.subscriptions.update(subscriptionId, {
        items: [{ id: items.data[0]?.id ?? '', price }],
        proration_behavior,
      })
      expect((await invoicesOf(subscriptionId)).map(({ amount_paid }) => amount_paid)).toEqual(paid)
    }
  })

  test('to another rhythm, or of another’s item, is refused', async () => {
    const { subscriptionId } = await subscribe()
    const { items } = await stripe.sdk.subscriptions.retrieve(subscriptionId)
    const price = (await priceOf(9000, 'year')).id
    const change = (id: string) =>
      refusalOf(stripe.sdk.subscriptions.update(subscriptionId, { items: [{ id, price }] }))
    expect((await change(items.data[0]?.id ?? '')).message).toContain('same interval')
    expect((await change('si_other')).code).toBe('resource_missing')
  })
})

describe('the portal page', () => {
  async function openPortal(customer: string) {
    const { url } = await stripe.sdk.billingPortal.sessions.create({
      customer,
      flow_data: { type: 'payment_method_update' },
    })
    const press = async (form: Record<string, string>) =>
      (await fetch(url, { method: 'POST', body: new URLSearchParams(form) })).text()
    return { url, press }
  }

  test('cancels at the period’s end as a date, and takes it back', async () => {
    const { subscriptionId, customerId } = await subscribe()
    const { url, press } = await openPortal(customerId)
    expect(await (await fetch(url)).text()).toContain('renews on 2026-02-28')
    expect(await press({ cancel: subscriptionId })).toContain('ends on 2026-02-28')
    const read = () => stripe.sdk.subscriptions.retrieve(subscriptionId)
    expect(await read()).toMatchObject({ cancel_at_period_end: false, cancel_at: Date.UTC(2026, 1, 28, 12) / 1000 })
    // A flag that was never set takes no date back.
    await stripe.sdk.subscriptions.update(subscriptionId, { cancel_at_period_end: false })
    expect((await read()).cancel_at).not.toBeNull()
    expect(await press({ resume: subscriptionId })).toContain('renews on 2026-02-28')
    await press({ cancel: subscriptionId })
    await advance(29)
    expect(await read()).toMatchObject({ status: 'canceled', ended_at: Date.UTC(2026, 1, 28, 12) / 1000 })
  })

  test('takes a new card, which pays what is owed at once', async () => {
    const { subscriptionId, customerId } = await subscribe({ savedCard: 'declined' })
    await advance(29)
    const { press } = await openPortal(customerId)
    expect(await press({ add: 'card', behaviour: 'declined' })).toContain('Your card was declined.')
    const page = await press({ add: 'card', behaviour: 'succeeds' })
    expect(page).not.toContain('To be paid')
    expect((await stripe.sdk.subscriptions.retrieve(subscriptionId)).status).toBe('active')
    await advance(40)
    expect((await invoicesOf(subscriptionId)).every(({ status }) => status === 'paid')).toBe(true)
  })

  test('touches only the subscriptions of its own customer', async () => {
    const theirs = await subscribe()
    const { customerId } = await stripe.world.createSavedCard({})
    const { press } = await openPortal(customerId)
    await press({ cancel: theirs.subscriptionId })
    expect((await stripe.sdk.subscriptions.retrieve(theirs.subscriptionId)).cancel_at).toBeNull()
  })
})

test('a paused subscription takes no money while it is paused', async () => {
  const { subscriptionId } = await subscribe()
  await stripe.sdk.subscriptions.update(subscriptionId, { pause_collection: { behavior: 'void' } })
  await advance(29)
  expect((await invoicesOf(subscriptionId))[0]).toMatchObject({ status: 'void' })
  await stripe.sdk.subscriptions.update(subscriptionId, { pause_collection: '' })
  await advance(31)
  expect((await invoicesOf(subscriptionId))[0]).toMatchObject({ status: 'paid' })
})

test('the payment of an invoice is found from either side', async () => {
  const { subscriptionId } = await subscribe()
  const [invoice] = await invoicesOf(subscriptionId)
  const intent = intentOf(invoice)
  const { data } = await stripe.sdk.invoicePayments.list({
    payment: { type: 'payment_intent', payment_intent: intent },
  })
  expect(data).toMatchObject([{ invoice: invoice?.id, status: 'paid', amount_paid: 900 }])
})
