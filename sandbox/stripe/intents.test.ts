import { Stripe } from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startTestStripe, type TestStripe, typesOf } from './test-support.ts'

let stripe: TestStripe
beforeEach(async () => {
  stripe = await startTestStripe()
})
afterEach(() => stripe.close())

const usd = { amount: 1000, currency: 'usd' } as const

describe('a payment intent off session', () => {
  test('is created unconfirmed, then confirmed by id, and charges the saved card once', async () => {
    const { customerId: customer, paymentMethodId: payment_method } = await stripe.world.createSavedCard({})
    const created = await stripe.sdk.paymentIntents.create({
      ...usd,
      customer,
      payment_method,
      metadata: { attempt: '7' },
    })
    expect(created).toMatchObject({ status: 'requires_confirmation', metadata: { attempt: '7' } })
    const paid = await stripe.sdk.paymentIntents.confirm(created.id, { off_session: true })
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 1000 })
    const again = await refusalOf(stripe.sdk.paymentIntents.confirm(created.id, { off_session: true }))
    expect(again).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' })
    expect(await stripe.world.listCharges()).toHaveLength(1)
    await stripe.world.waitForDelivery({ eventType: 'charge.succeeded' })
  })

  test('that needs the buyer fails with 402 and waits for another method', async () => {
    const { customerId: customer, paymentMethodId: payment_method } = await stripe.world.createSavedCard({
      behaviour: 'authentication_required',
    })
    const refusal = await refusalOf(
      stripe.sdk.paymentIntents.create({ ...usd, customer, payment_method, confirm: true, off_session: true }),
    )
    expect(refusal).toBeInstanceOf(Stripe.errors.StripeCardError)
    expect(refusal).toMatchObject({
      statusCode: 402,
      code: 'authentication_required',
      payment_intent: { status: 'requires_payment_method', last_payment_error: { code: 'authentication_required' } },
      payment_method: { id: payment_method },
    })
    await stripe.world.waitForIdleWebhooks()
    expect((await typesOf(stripe)).slice(-3)).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
    ])
    expect(await typesOf(stripe)).not.toContain('payment_intent.requires_action')
    const canceled = await stripe.sdk.paymentIntents.cancel(String(refusal.payment_intent?.id))
    expect(canceled.status).toBe('canceled')
  })

  test.each([
    ['declined', 'card_declined', 'generic_decline'],
    ['insufficient_funds', 'card_declined', 'insufficient_funds'],
    ['expired_card', 'expired_card', 'expired_card'],
  ] as const)('with a card that is %s fails with code %s', async (behaviour, code, declineCode) => {
    const { customerId: customer, paymentMethodId: payment_method } = await stripe.world.createSavedCard({ behaviour })
    const intent = await stripe.sdk.paymentIntents.create({ ...usd, customer, payment_method })
    const refusal = await refusalOf(stripe.sdk.paymentIntents.confirm(intent.id, { off_session: true }))
    expect(refusal).toMatchObject({
      statusCode: 402,
      code,
      decline_code: declineCode,
      payment_intent: { id: intent.id },
    })
    expect((await stripe.sdk.charges.retrieve(String(refusal.charge))).status).toBe('failed')
    await stripe.world.setSavedCardBehaviour({ customerId: customer, behaviour: 'succeeds' })
    const paid = await stripe.sdk.paymentIntents.confirm(intent.id, { off_session: true, payment_method })
    expect(paid.status).toBe('succeeded')
  })

  test('asks for confirmation, a card, the right owner and a chargeable amount', async () => {
    const { customerId: customer, paymentMethodId: payment_method } = await stripe.world.createSavedCard({})
    const other = await stripe.sdk.customers.create()
    const create = (change: object) =>
      refusalOf(stripe.sdk.paymentIntents.create({ ...usd, customer, payment_method, ...change }))
    expect(await create({ off_session: true })).toMatchObject({ param: 'off_session' })
    expect(await create({ customer: other.id })).toMatchObject({ param: 'payment_method' })
    expect((await create({ customer: undefined })).message).toContain('belongs to a Customer')
    expect(await create({ amount: 49 })).toMatchObject({
      code: 'amount_too_small',
      message: 'Amount must be at least $0.50 usd',
    })
    expect(await create({ amount: 100_000_000 })).toMatchObject({ code: 'amount_too_large' })
    expect(await create({ payment_method: 'pm_nothing' })).toMatchObject({ code: 'resource_missing' })
    expect(await create({ payment_method: undefined, confirm: true, off_session: true })).toMatchObject({
      code: 'payment_intent_unexpected_state',
    })
    expect(await stripe.world.listPaymentIntents()).toEqual([])
  })
})

test('a payment intent on session asks the buyer and goes on from the challenge page', async () => {
  const intent = await stripe.sdk.paymentIntents.create({
    ...usd,
    payment_method: 'pm_card_authenticationRequired',
    confirm: true,
    return_url: 'https://shop.example/back',
  })
  expect(intent).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect_to_url' } })
  const page = String(intent.next_action?.redirect_to_url?.url)
  expect(await (await fetch(page)).text()).toContain('Complete authentication')
  const answer = await fetch(page, {
    method: 'POST',
    body: new URLSearchParams({ answer: 'complete' }),
    redirect: 'manual',
  })
  expect(answer.headers.get('location')).toContain(`https://shop.example/back?payment_intent=${intent.id}`)
  expect((await stripe.sdk.paymentIntents.retrieve(intent.id)).status).toBe('succeeded')
  await stripe.world.waitForEvent({ type: 'payment_intent.requires_action', about: intent.id })
})

test('a card is attached, listed, made the default, detached, and then of no further use', async () => {
  const customer = await stripe.sdk.customers.create()
  const card = await stripe.sdk.paymentMethods.attach('pm_card_visa', { customer: customer.id })
  await stripe.sdk.customers.update(customer.id, { invoice_settings: { default_payment_method: card.id } })
  expect((await stripe.sdk.paymentMethods.list({ customer: customer.id, type: 'card' })).data).toHaveLength(1)
  expect((await stripe.sdk.paymentMethods.detach(card.id)).customer).toBeNull()
  expect(await stripe.sdk.customers.retrieve(customer.id)).toMatchObject({
    invoice_settings: { default_payment_method: null },
  })
  expect((await refusalOf(stripe.sdk.paymentMethods.attach(card.id, { customer: customer.id }))).statusCode).toBe(400)
  await stripe.world.waitForDelivery({ eventType: 'payment_method.detached' })
})

test('a setup intent saves a card for later', async () => {
  const customer = await stripe.sdk.customers.create()
  const intent = await stripe.sdk.setupIntents.create({ customer: customer.id })
  expect(intent.status).toBe('requires_payment_method')
  const done = await stripe.sdk.setupIntents.confirm(intent.id, {
    payment_method: 'pm_card_visa',
    return_url: 'https://shop.example/',
  })
  expect(done.status).toBe('succeeded')
  expect((await stripe.sdk.customers.listPaymentMethods(customer.id)).data).toHaveLength(1)
  expect((await refusalOf(stripe.sdk.setupIntents.cancel(intent.id))).code).toBe('setup_intent_unexpected_state')
})
