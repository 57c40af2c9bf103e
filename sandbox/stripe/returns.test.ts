import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startTestStripe, type TestStripe, tenCredits, typesOf } from './test-support.ts'

let stripe: TestStripe
let charge: string
let intent: string
beforeEach(async () => {
  stripe = await startTestStripe({ disputeDelayMs: 5 })
  const { id } = await stripe.sdk.checkout.sessions.create(tenCredits)
  const { session } = await stripe.world.paySession({ sessionId: id })
  intent = String(session.payment_intent)
  charge = (await stripe.world.listCharges())[0]?.id ?? 'none'
  await stripe.world.waitForIdleWebhooks()
  stripe.received.length = 0
})
afterEach(() => stripe.close())

describe('a refund', () => {
  test('adds up on the charge until everything is given back', async () => {
    const first = await stripe.sdk.refunds.create({
      charge,
      amount: 200,
      reason: 'requested_by_customer',
      metadata: { case: '1' },
    })
    expect(first).toMatchObject({ status: 'succeeded', amount: 200, payment_intent: intent })
    expect(await stripe.sdk.charges.retrieve(charge)).toMatchObject({ amount_refunded: 200, refunded: false })
    const tooMuch = await refusalOf(stripe.sdk.refunds.create({ charge, amount: 301 }))
    expect(tooMuch.message).toBe('Refund amount ($3.01) is greater than unrefunded amount on charge ($3.00)')
    expect((await stripe.sdk.refunds.create({ payment_intent: intent })).amount).toBe(300)
    expect(await stripe.sdk.charges.retrieve(charge)).toMatchObject({ amount_refunded: 500, refunded: true })
    expect((await refusalOf(stripe.sdk.refunds.create({ charge }))).code).toBe('charge_already_refunded')
    expect((await stripe.sdk.refunds.list({ charge })).data).toHaveLength(2)
    await stripe.world.waitForIdleWebhooks()
    expect((await typesOf(stripe)).slice(0, 3)).toEqual(['refund.created', 'charge.refunded', 'refund.updated'])
    const refunded = stripe.received
      .filter(({ event }) => event.type === 'charge.refunded')
      .map(({ event }) => event.data)
    expect(refunded).toMatchObject([
      { object: { amount_refunded: 200 }, previous_attributes: { amount_refunded: 0 } },
      { object: { amount_refunded: 500 }, previous_attributes: { amount_refunded: 200 } },
    ])
    expect(refunded[0]?.object).not.toHaveProperty('refunds')
  })

  test('from the dashboard carries no request', async () => {
    const refund = await stripe.world.refundPayment({ paymentIntentId: intent, amountMinor: 100 })
    const event = await stripe.world.waitForEvent({ type: 'refund.created', about: refund.id })
    expect(event.request).toEqual({ id: null, idempotency_key: null })
  })

  test('may fail later, and the money counts as not refunded again', async () => {
    const refund = await stripe.sdk.refunds.create({ charge })
    await stripe.world.failRefund({ refundId: refund.id })
    expect(await stripe.sdk.refunds.retrieve(refund.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'lost_or_stolen_card',
    })
    expect(await stripe.sdk.charges.retrieve(charge)).toMatchObject({ amount_refunded: 0, refunded: false })
    await stripe.world.waitForDelivery({ eventType: 'refund.failed' })
    await expect(stripe.world.failRefund({ refundId: refund.id })).rejects.toThrow('cannot fail')
  })

  test('needs a paid charge', async () => {
    expect((await refusalOf(stripe.sdk.refunds.create({}))).code).toBe('parameter_missing')
    expect(await refusalOf(stripe.sdk.refunds.create({ charge: 'ch_nothing' }))).toMatchObject({ param: 'charge' })
    const unpaid = await stripe.sdk.paymentIntents.create({ amount: 500, currency: 'usd' })
    expect((await refusalOf(stripe.sdk.refunds.create({ payment_intent: unpaid.id }))).statusCode).toBe(400)
  })
})

describe('a dispute', () => {
  test('takes the money at once and keeps it when lost', async () => {
    const dispute = await stripe.world.createDispute({ chargeId: charge, reason: 'product_not_received' })
    expect(await stripe.sdk.charges.retrieve(charge)).toMatchObject({ disputed: true })
    expect((await refusalOf(stripe.sdk.refunds.create({ charge }))).code).toBe('charge_disputed')
    await stripe.world.closeDispute({ disputeId: dispute.id, outcome: 'lost' })
    expect(await stripe.sdk.disputes.retrieve(dispute.id)).toMatchObject({
      status: 'lost',
      reason: 'product_not_received',
      amount: 500,
    })
    await stripe.world.waitForIdleWebhooks()
    expect(await typesOf(stripe)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.closed',
    ])
    await expect(stripe.world.closeDispute({ disputeId: dispute.id, outcome: 'won' })).rejects.toThrow('already closed')
  })

  test('that is won brings the money back', async () => {
    const dispute = await stripe.world.createDispute({ paymentIntentId: intent })
    const answered = await stripe.sdk.disputes.update(dispute.id, {
      evidence: { uncategorized_text: 'Delivered on time.' },
      submit: true,
    })
    expect(answered.status).toBe('under_review')
    await stripe.world.closeDispute({ disputeId: dispute.id, outcome: 'won' })
    await stripe.world.waitForIdleWebhooks()
    expect(await typesOf(stripe)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
      'charge.dispute.updated',
      'charge.dispute.closed',
      'charge.dispute.funds_reinstated',
    ])
    const closed = await stripe.sdk.disputes.retrieve(dispute.id)
    expect(closed).toMatchObject({ status: 'won' })
    expect(closed.balance_transactions.map(({ amount }) => amount)).toEqual([-500, 500])
  })

  test('that is only an inquiry moves no money', async () => {
    const dispute = await stripe.world.createDispute({ chargeId: charge, inquiry: true })
    expect(dispute.status).toBe('warning_needs_response')
    await stripe.world.closeDispute({ disputeId: dispute.id, outcome: 'won' })
    await stripe.world.waitForIdleWebhooks()
    expect(await typesOf(stripe)).toEqual(['charge.dispute.created', 'charge.dispute.closed'])
  })

  test('accepted by us is lost', async () => {
    const dispute = await stripe.world.createDispute({ chargeId: charge })
    expect((await stripe.sdk.disputes.close(dispute.id)).status).toBe('lost')
  })

  test('arrives by itself after a payment that was meant to be disputed', async () => {
    const { id } = await stripe.sdk.checkout.sessions.create(tenCredits)
    const { session } = await stripe.world.paySession({ sessionId: id, outcome: 'disputed' })
    expect(session.payment_status).toBe('paid')
    await stripe.world.waitForEvent({ type: 'charge.dispute.created', about: String(session.payment_intent) })
  })
})

test('a refund to a bank account is pending first, and may fail on the way', async () => {
  const { id } = await stripe.sdk.checkout.sessions.create(tenCredits)
  const { session } = await stripe.world.paySession({ sessionId: id, outcome: 'delayed' })
  await stripe.world.settlePayment({ sessionId: id, succeeds: true })
  const refund = await stripe.sdk.refunds.create({ payment_intent: String(session.payment_intent), amount: 100 })
  expect(refund.status).toBe('pending')
  await stripe.world.advanceClock({ seconds: 10 })
  expect((await stripe.sdk.refunds.retrieve(refund.id)).status).toBe('succeeded')
  const other = await stripe.sdk.refunds.create({ payment_intent: String(session.payment_intent), amount: 100 })
  await stripe.world.failRefund({ refundId: other.id })
  await stripe.world.advanceClock({ seconds: 10 })
  expect((await stripe.sdk.refunds.retrieve(other.id)).status).toBe('failed')
})
