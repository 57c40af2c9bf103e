import { Stripe } from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { API_KEY, refusalOf, startTestStripe, type TestStripe, tenCredits } from './test-support.ts'

let stripe: TestStripe
beforeEach(async () => {
  stripe = await startTestStripe()
})
afterEach(() => stripe.close())

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(stripe.url + path, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })

describe('the API', () => {
  test('lets in the right key only, as bearer or basic', async () => {
    const refusal = await refusalOf(stripe.newClient({ apiKey: 'sk_test_51WrongWrongWrong' }).balance.retrieve())
    expect(refusal).toBeInstanceOf(Stripe.errors.StripeAuthenticationError)
    expect(refusal.message).toMatch(/^Invalid API Key provided: sk_test_\*+rong$/)
    const basic = await fetch(`${stripe.url}/v1/balance`, {
      headers: { authorization: `Basic ${Buffer.from(`${API_KEY}:`).toString('base64')}` },
    })
    expect(basic.status).toBe(200)
    const nobody = await fetch(`${stripe.url}/v1/balance`)
    expect(nobody.status).toBe(401)
    expect(await nobody.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  test('says which account and balance the key has', async () => {
    expect(await stripe.sdk.accounts.retrieveCurrent()).toMatchObject({ object: 'account', charges_enabled: true })
    expect(await stripe.sdk.balance.retrieve()).toMatchObject({ object: 'balance', livemode: false })
  })

  test('refuses what it does not know: addresses, parameters, objects, bodies, versions', async () => {
    const unknownUrl = await refusalOf(stripe.sdk.coupons.list())
    expect(unknownUrl).toMatchObject({
      statusCode: 404,
      message: expect.stringContaining('Unrecognized request URL (GET: /v1/coupons)'),
    })
    const unknownParam = await post('/v1/customers', 'emial=x')
    expect(await unknownParam.json()).toMatchObject({ error: { code: 'parameter_unknown', param: 'emial' } })
    const nested = await post('/v1/customers', 'invoice_settings[colour]=red')
    expect(await nested.json()).toMatchObject({
      error: { code: 'parameter_unknown', param: 'invoice_settings[colour]' },
    })
    const missing = await refusalOf(stripe.sdk.customers.retrieve('cus_nobody'))
    expect(missing).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'id',
      message: "No such customer: 'cus_nobody'",
    })
    const { id } = await stripe.sdk.customers.create({ email: 'ann@example.com' })
    expect((await refusalOf(stripe.sdk.customers.update(id, { email: 'nonsense' }))).code).toBe('email_invalid')
    expect((await stripe.sdk.customers.update(id, { email: '' })).email).toBeNull()
    expect((await post('/v1/customers', '{"email":"a@b.c"}', { 'content-type': 'application/json' })).status).toBe(400)
    expect((await post('/v1/customers', '', { 'stripe-version': 'latest' })).status).toBe(400)
    const empty = await post('/v1/checkout/sessions', 'mode=payment&success_url=')
    expect(await empty.json()).toMatchObject({ error: { code: 'parameter_invalid_empty', param: 'success_url' } })
  })

  test('names every request', async () => {
    const customer = await stripe.sdk.customers.create({ email: 'ann@example.com' })
    expect(customer.lastResponse).toMatchObject({
      requestId: expect.stringMatching(/^req_\w{14}$/),
      apiVersion: '2026-10-28.endive',
    })
    const { request } = await stripe.world.waitForEvent({ type: 'customer.created', about: customer.id })
    expect(request).toMatchObject({
      id: customer.lastResponse.requestId,
      idempotency_key: customer.lastResponse.idempotencyKey,
    })
  })

  test('keeps metadata within its limits, merges it, and removes what is emptied', async () => {
    const { id } = await stripe.sdk.customers.create({ metadata: { a: '1', b: '2' } })
    const updated = await stripe.sdk.customers.update(id, { metadata: { b: '', c: '3' } })
    expect(updated.metadata).toEqual({ a: '1', c: '3' })
    const tooLong = { metadata: { ['k'.repeat(41)]: 'x' } }
    expect((await refusalOf(stripe.sdk.customers.update(id, tooLong))).message).toContain('40 characters or less')
    expect((await refusalOf(stripe.sdk.customers.update(id, { metadata: { a: 'x'.repeat(501) } }))).message).toContain(
      '500 characters',
    )
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'x']))
    expect((await refusalOf(stripe.sdk.customers.update(id, { metadata: many }))).message).toContain('50 keys')
  })

  test('pages lists newest first, forwards and backwards, to the last one', async () => {
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1)
      ids.unshift((await stripe.sdk.customers.create({ name: `c${index}` })).id)
    const [newest, , third, fourth] = ids
    const first = await stripe.sdk.customers.list({ limit: 2 })
    expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/customers' })
    expect(first.data.map((customer) => customer.id)).toEqual(ids.slice(0, 2))
    const back = await stripe.sdk.customers.list({ limit: 2, ending_before: String(fourth) })
    expect(back.data.map((customer) => customer.id)).toEqual(ids.slice(1, 3))
    expect((await stripe.sdk.customers.list({ ending_before: String(newest) })).data).toEqual([])
    const all: string[] = []
    for await (const customer of stripe.sdk.customers.list({ limit: 2 })) all.push(customer.id)
    expect(all).toEqual(ids)
    expect((await refusalOf(stripe.sdk.customers.list({ limit: 101 }))).statusCode).toBe(400)
    expect((await refusalOf(stripe.sdk.customers.list({ starting_after: 'cus_nobody' }))).param).toBe('starting_after')
    expect((await stripe.sdk.customers.list({ starting_after: String(third) })).has_more).toBe(false)
  })

  test('expands references, also within lists, and refuses what is none', async () => {
    const session = await stripe.sdk.checkout.sessions.create(tenCredits)
    await stripe.world.paySession({ sessionId: session.id })
    const { data } = await stripe.sdk.charges.list({
      expand: ['data.payment_intent', 'data.balance_transaction', 'data.refunds'],
    })
    expect(data[0]).toMatchObject({
      payment_intent: { object: 'payment_intent' },
      balance_transaction: { amount: 500, fee: 45, net: 455 },
      refunds: { object: 'list', data: [] },
    })
    const refusal = await refusalOf(stripe.sdk.checkout.sessions.retrieve(session.id, { expand: ['mode'] }))
    expect(refusal.message).toBe('This property cannot be expanded (mode).')
    await refusalOf(stripe.sdk.customers.create({ expand: ['livemode'] }))
    expect((await stripe.sdk.customers.list()).data).toEqual([])
  })

  test('deletes a customer, who is then only a tombstone', async () => {
    const { id } = await stripe.sdk.customers.create({ email: 'ann@example.com' })
    expect(await stripe.sdk.customers.del(id)).toMatchObject({ id, deleted: true })
    expect(await stripe.sdk.customers.retrieve(id)).toMatchObject({ id, deleted: true })
    expect((await refusalOf(stripe.sdk.customers.update(id, { name: 'x' }))).code).toBe('resource_missing')
  })

  test('lists events newest first by type, and tells one by its id', async () => {
    const customer = await stripe.sdk.customers.create()
    await stripe.sdk.customers.update(customer.id, { name: 'Ann' })
    const updated = await stripe.sdk.events.list({ type: 'customer.*' })
    expect(updated.data.map((event) => event.type)).toEqual(['customer.updated', 'customer.created'])
    expect(updated.data[0]?.data.previous_attributes).toEqual({ name: null })
    expect(await stripe.sdk.events.retrieve(String(updated.data[1]?.id))).toMatchObject({
      data: { object: { name: null } },
    })
    expect((await stripe.sdk.events.list({ types: ['charge.succeeded'] })).data).toEqual([])
  })

  test('opens the portal for a known customer only', async () => {
    const customer = await stripe.sdk.customers.create()
    const portal = await stripe.sdk.billingPortal.sessions.create({
      customer: customer.id,
      return_url: 'https://shop.example/',
    })
    expect(portal.url).toBe(`${stripe.url}/p/session/${portal.id}`)
    expect((await refusalOf(stripe.sdk.billingPortal.sessions.create({ customer: 'cus_nobody' }))).param).toBe(
      'customer',
    )
  })
})

describe('an idempotency key', () => {
  const key = { idempotencyKey: 'order-1' }

  test('brings back the first answer for the same request and makes one object', async () => {
    const first = await stripe.sdk.customers.create({ name: 'Ann' }, key)
    const second = await stripe.sdk.customers.create({ name: 'Ann' }, key)
    expect(second.id).toBe(first.id)
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect((await stripe.sdk.customers.list()).data).toHaveLength(1)
  })

  test('is refused for other parameters or another address', async () => {
    await stripe.sdk.customers.create({ name: 'Ann' }, key)
    const refusal = await refusalOf(stripe.sdk.customers.create({ name: 'Bob' }, key))
    expect(refusal).toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
    expect(await refusalOf(stripe.sdk.products.create({ name: 'Ann' }, key))).toBeInstanceOf(
      Stripe.errors.StripeIdempotencyError,
    )
  })

  test('stays free after a request that was refused before it began', async () => {
    expect((await refusalOf(stripe.sdk.customers.create({ email: 'nonsense' }, key))).code).toBe('email_invalid')
    expect(await stripe.sdk.customers.create({ email: 'ann@example.com' }, key)).toMatchObject({
      email: 'ann@example.com',
    })
  })

  test('repeats a declined card, and charges nothing twice', async () => {
    const { customerId: customer, paymentMethodId: payment_method } = await stripe.world.createSavedCard({
      behaviour: 'declined',
    })
    const pay = () =>
      refusalOf(
        stripe.sdk.paymentIntents.create(
          { amount: 500, currency: 'usd', customer, payment_method, confirm: true, off_session: true },
          key,
        ),
      )
    const [first, second] = [await pay(), await pay()]
    expect(second.payment_intent?.id).toBe(first.payment_intent?.id)
    expect(await stripe.world.listCharges()).toHaveLength(1)
  })

  test('repeats a 500 for ever, while another key gets through', async () => {
    await stripe.world.addApiFault({ kind: 'server_error', path: '/v1/customers' })
    const create = (options: { idempotencyKey: string }) => stripe.sdk.customers.create({ name: 'Ann' }, options)
    expect((await refusalOf(create(key))).statusCode).toBe(500)
    expect((await refusalOf(create(key))).statusCode).toBe(500)
    expect((await create({ idempotencyKey: 'order-1b' })).name).toBe('Ann')
  })

  test('of a request still running is in use; later it brings the first answer', async () => {
    await stripe.world.addApiFault({ kind: 'slow', path: '/v1/customers', delayMs: 500 })
    // Whichever arrives first is the slow one, and the others find its key claimed.
    const create = () => stripe.newClient().customers.create({ name: 'Ann' }, key)
    const outcomes = await Promise.allSettled([create(), create(), create()])
    const done = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value.id)
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown)
    expect([done.length, refused.length]).toEqual([1, 2])
    expect(refused).toMatchObject(refused.map(() => ({ statusCode: 409, code: 'idempotency_key_in_use' })))
    expect((await create()).id).toBe(done[0])
  })

  test('longer than 255 characters is refused', async () => {
    expect((await refusalOf(stripe.sdk.customers.create({}, { idempotencyKey: 'k'.repeat(256) }))).statusCode).toBe(400)
  })
})

describe('a scripted fault', () => {
  test('limits the rate of one path for so many requests', async () => {
    await stripe.world.addApiFault({ kind: 'rate_limit', path: '/v1/customers', times: 2, retryAfterSeconds: 3 })
    const refusal = await refusalOf(stripe.sdk.customers.list())
    expect(refusal).toBeInstanceOf(Stripe.errors.StripeRateLimitError)
    expect(refusal.headers?.['retry-after']).toBe('3')
    await stripe.sdk.balance.retrieve()
    await refusalOf(stripe.sdk.customers.list())
    await stripe.sdk.customers.list()
  })

  test('that cuts the line after the work is done is repaired by a retry under the same key', async () => {
    await stripe.world.addApiFault({ kind: 'drop_after', method: 'POST', path: '/v1/customers' })
    const retrying = stripe.newClient({ maxNetworkRetries: 2 })
    const customer = await retrying.customers.create({ name: 'Ann' })
    expect(customer.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect((await stripe.sdk.customers.list()).data).toHaveLength(1)
  })

  test('that cuts the line before the work leaves nothing behind', async () => {
    await stripe.world.addApiFault({ kind: 'drop_before', method: 'POST', times: 5 })
    const refusal = await refusalOf(stripe.sdk.customers.create({ name: 'Ann' }))
    expect(refusal).toBeInstanceOf(Stripe.errors.StripeConnectionError)
    await stripe.world.clearApiFaults()
    expect((await stripe.sdk.customers.list()).data).toEqual([])
  })

  test('of the gateway (503) is not kept under the key, so a retry succeeds', async () => {
    await stripe.world.addApiFault({ kind: 'server_error', status: 503, path: '/v1/customers/*', times: 1 })
    const { id } = await stripe.sdk.customers.create({ name: 'Ann' })
    expect((await stripe.newClient({ maxNetworkRetries: 1 }).customers.update(id, { name: 'Bo' })).name).toBe('Bo')
  })
})

test('metadata stays within 50 keys, also by later additions', async () => {
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'v']))
  const { id } = await stripe.sdk.customers.create({ metadata })
  expect((await refusalOf(stripe.sdk.customers.update(id, { metadata: { more: 'v' } }))).param).toBe('metadata')
})

test('events are told for 30 days', async () => {
  await stripe.sdk.customers.create()
  const [event] = (await stripe.sdk.events.list()).data
  await stripe.world.advanceClock({ seconds: 31 * 86_400 })
  expect((await stripe.sdk.events.list()).data).toEqual([])
  expect((await refusalOf(stripe.sdk.events.retrieve(String(event?.id)))).code).toBe('resource_missing')
})
