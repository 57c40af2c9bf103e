import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startTestStripe, type TestStripe, tenCredits, typesOf } from './test-support.ts'

let stripe: TestStripe
beforeEach(async () => {
  stripe = await startTestStripe()
})
afterEach(() => stripe.close())

describe('a checkout session', () => {
  test('starts open and unpaid, with a page of its own and the amount of its items', async () => {
    const session = await stripe.sdk.checkout.sessions.create(tenCredits)
    expect(session).toMatchObject({
      object: 'checkout.session',
      status: 'open',
      payment_status: 'unpaid',
      amount_total: 500,
      currency: 'usd',
      payment_intent: null,
      client_reference_id: 'order-1',
      metadata: { order_id: 'order-1' },
    })
    expect(session.id).toMatch(/^cs_test_\w{58}$/)
    expect(session.url).toContain(`${stripe.url}/c/pay/${session.id}`)
    expect(session.expires_at - session.created).toBe(24 * 3600)
  })

  test('tells its line items only when asked, in the list or expanded', async () => {
    const session = await stripe.sdk.checkout.sessions.create(tenCredits)
    expect(session.line_items).toBeUndefined()
    const { data } = await stripe.sdk.checkout.sessions.listLineItems(session.id)
    expect(data).toMatchObject([{ description: '10 credits', amount_total: 500, quantity: 1 }])
    const expanded = await stripe.sdk.checkout.sessions.retrieve(session.id, {
      expand: ['line_items.data.price.product'],
    })
    expect(expanded.line_items?.data[0]?.price?.product).toMatchObject({ name: '10 credits' })
  })

  test('sells a stored price as well as an inline one', async () => {
    const product = await stripe.sdk.products.create({ name: '50 credits' })
    const price = await stripe.sdk.prices.create({ product: product.id, currency: 'usd', unit_amount: 2000 })
    const session = await stripe.sdk.checkout.sessions.create({
      ...tenCredits,
      line_items: [{ price: price.id, quantity: 3 }],
    })
    expect(session.amount_total).toBe(6000)
  })

  test('once paid is complete, has its intent and charge, and tells so by three events in order', async () => {
    const session = await stripe.sdk.checkout.sessions.create(tenCredits)
    const result = await stripe.world.paySession({ sessionId: session.id, email: 'ann@example.com' })
    expect(result).toMatchObject({ status: 'complete', redirectUrl: `https://shop.example/done?session=${session.id}` })

    await stripe.world.waitForIdleWebhooks()
    expect(await typesOf(stripe)).toEqual([
      'payment_intent.created',
      'payment_intent.succeeded',
      'charge.succeeded',
      'checkout.session.completed',
    ])
    const paid = await stripe.sdk.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] })
    expect(paid).toMatchObject({
      status: 'complete',
      payment_status: 'paid',
      customer_details: { email: 'ann@example.com' },
      payment_intent: { status: 'succeeded', amount_received: 500, latest_charge: { paid: true, amount: 500 } },
    })
  })

  test('survives a declined card: it stays open and the next card pays the same intent', async () => {
    const session = await stripe.sdk.checkout.sessions.create(tenCredits)
    const refused = await stripe.world.paySession({ sessionId: session.id, outcome: 'insufficient_funds' })
    expect(refused).toMatchObject({
      status: 'declined',
      message: 'Your card has insufficient funds.',
      session: { status: 'open' },
    })
    const intent = await stripe.sdk.paymentIntents.retrieve(String(refused.session.payment_intent))
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      payment_method: null,
      last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' },
    })
    const { session: paid } = await stripe.world.paySession({ sessionId: session.id })
    expect(paid).toMatchObject({ payment_status: 'paid', payment_intent: intent.id })
    await stripe.world.waitForIdleWebhooks()
    expect(await typesOf(stripe)).toContain('payment_intent.payment_failed')
  })

  test('that needs authentication waits for the challenge and goes either way', async () => {
    const session = await stripe.sdk.checkout.sessions.create(tenCredits)
    const waiting = await stripe.world.paySession({
      sessionId: session.id,
      outcome: 'authentication',
      challenge: 'leave',
    })
    expect(waiting.status).toBe('challenge')
    expect((await stripe.sdk.paymentIntents.retrieve(String(waiting.session.payment_intent))).status).toBe(
      'requires_action',
    )
    const failed = await stripe.world.answerChallenge({ sessionId: session.id, answer: 'fail' })
    expect(failed).toMatchObject({ status: 'declined', session: { status: 'open' } })
    const done = await stripe.world.paySession({ sessionId: session.id, outcome: 'authentication' })
    expect(done.session.payment_status).toBe('paid')
  })

  test.each([
    { succeeds: true, type: 'checkout.session.async_payment_succeeded', paymentStatus: 'paid' },
    { succeeds: false, type: 'checkout.session.async_payment_failed', paymentStatus: 'unpaid' },
  ] as const)(
    'paid by a delayed method completes unpaid and ends with $type',
    async ({ succeeds, type, paymentStatus }) => {
      const session = await stripe.sdk.checkout.sessions.create(tenCredits)
      const { session: waiting } = await stripe.world.paySession({ sessionId: session.id, outcome: 'delayed' })
      expect(waiting).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
      expect((await stripe.sdk.paymentIntents.retrieve(String(waiting.payment_intent))).status).toBe('processing')
      await stripe.world.settlePayment({ sessionId: session.id, succeeds })
      await stripe.world.waitForDelivery({ eventType: type })
      expect((await stripe.sdk.checkout.sessions.retrieve(session.id)).payment_status).toBe(paymentStatus)
    },
  )

  test('expires when its time is over, and can be expired before, but never paid afterwards', async () => {
    const first = await stripe.sdk.checkout.sessions.create(tenCredits)
    const second = await stripe.sdk.checkout.sessions.create(tenCredits)
    expect((await stripe.sdk.checkout.sessions.expire(first.id)).status).toBe('expired')
    await stripe.world.advanceClock({ seconds: 24 * 3600 + 1 })
    expect((await stripe.world.waitForSession({ sessionId: second.id, status: 'expired' })).url).toBeNull()
    await stripe.world.waitForEvent({ type: 'checkout.session.expired', about: second.id })
    await expect(stripe.world.paySession({ sessionId: second.id })).rejects.toThrow('has expired')
    expect((await refusalOf(stripe.sdk.checkout.sessions.expire(first.id))).message).toContain('status of `expired`')
  })

  test('may end as early as 30 minutes and as late as 24 hours from now, not beyond', async () => {
    const now = Math.floor(Date.now() / 1000)
    const create = (seconds: number) =>
      stripe.sdk.checkout.sessions.create({ ...tenCredits, expires_at: now + seconds })
    expect((await create(1805)).expires_at).toBe(now + 1805)
    expect(await refusalOf(create(1000))).toMatchObject({ statusCode: 400, param: 'expires_at' })
    expect(await refusalOf(create(90_000))).toMatchObject({ statusCode: 400, param: 'expires_at' })
  })

  test('that costs nothing asks for no payment', async () => {
    const free = { currency: 'usd', unit_amount: 0, product_data: { name: 'Welcome gift' } }
    const session = await stripe.sdk.checkout.sessions.create({
      ...tenCredits,
      line_items: [{ quantity: 1, price_data: free }],
    })
    expect(session.payment_status).toBe('no_payment_required')
    const { session: done } = await stripe.world.paySession({ sessionId: session.id })
    expect(done).toMatchObject({ status: 'complete', payment_status: 'no_payment_required', payment_intent: null })
  })

  test('for later use saves the card on a customer only after it was paid', async () => {
    const session = await stripe.sdk.checkout.sessions.create({
      ...tenCredits,
      payment_intent_data: { setup_future_usage: 'off_session', metadata: { order_id: 'order-1' } },
    })
    const refused = await stripe.world.paySession({ sessionId: session.id, outcome: 'declined' })
    const customer = String(refused.session.customer)
    expect((await stripe.sdk.customers.listPaymentMethods(customer)).data).toEqual([])
    await stripe.world.paySession({ sessionId: session.id })
    const { data } = await stripe.sdk.customers.listPaymentMethods(customer)
    expect(data).toMatchObject([{ type: 'card', card: { last4: '4242' }, customer }])
    await stripe.world.waitForDelivery({ eventType: 'payment_method.attached' })
  })

  test('in setup mode saves a card without a payment', async () => {
    const customer = await stripe.sdk.customers.create({ email: 'ann@example.com' })
    const session = await stripe.sdk.checkout.sessions.create({
      mode: 'setup',
      currency: 'usd',
      customer: customer.id,
      success_url: 'https://shop.example/done',
    })
    expect(session).toMatchObject({ payment_status: 'no_payment_required', payment_intent: null, amount_total: null })
    const { session: done } = await stripe.world.paySession({ sessionId: session.id })
    const intent = await stripe.sdk.setupIntents.retrieve(done.setup_intent ?? 'none', { expand: ['payment_method'] })
    expect(intent).toMatchObject({ status: 'succeeded', payment_method: { customer: customer.id } })
  })

  test('is refused with the real sentence and parameter when it makes no sense', async () => {
    const create = (change: object) => refusalOf(stripe.sdk.checkout.sessions.create({ ...tenCredits, ...change }))
    const price = (unit_amount: number, currency = 'usd') => ({
      line_items: [{ quantity: 1, price_data: { currency, unit_amount, product_data: { name: 'x' } } }],
    })
    expect(await create({ success_url: undefined })).toMatchObject({ code: 'parameter_missing', param: 'success_url' })
    expect(await create({ line_items: [] })).toMatchObject({ param: 'line_items' })
    expect(await create({ line_items: [{ quantity: 1 }] })).toMatchObject({ param: 'line_items[0]' })
    expect(await create(price(49))).toMatchObject({ code: 'amount_too_small' })
    expect(await create(price(100_000_000))).toMatchObject({ code: 'amount_too_large' })
    expect(await create(price(500, 'usx'))).toMatchObject({ param: 'line_items[0][price_data][currency]' })
    expect(await create({ customer: 'cus_nobody' })).toMatchObject({ code: 'resource_missing', param: 'customer' })
    expect(await create({ payment_method_types: ['card'] })).toMatchObject({
      code: 'parameter_unknown',
      param: 'payment_method_types',
    })
    expect(await create({ success_url: 'not a url' })).toMatchObject({ code: 'url_invalid' })
    expect((await stripe.sdk.checkout.sessions.list()).data).toEqual([])
    expect(
      price(50, 'jpy') &&
        (await stripe.sdk.checkout.sessions.create({ ...tenCredits, ...price(50, 'jpy') })).amount_total,
    ).toBe(50)
  })
})

test('a delayed method for later use is saved once it has paid, and not when it fails', async () => {
  const customer = await stripe.sdk.customers.create({ email: 'ann@example.com' })
  const buy = async (succeeds: boolean) => {
    const { id } = await stripe.sdk.checkout.sessions.create({
      ...tenCredits,
      customer: customer.id,
      payment_intent_data: { setup_future_usage: 'off_session' },
    })
    await stripe.world.paySession({ sessionId: id, outcome: 'delayed' })
    await stripe.world.settlePayment({ sessionId: id, succeeds })
    return (await stripe.sdk.customers.listPaymentMethods(customer.id)).data.length
  }
  expect(await buy(false)).toBe(0)
  expect(await buy(true)).toBe(1)
})
