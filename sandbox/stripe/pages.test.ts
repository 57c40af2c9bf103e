import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestStripe, type TestStripe, tenCredits } from './test-support.ts'

let stripe: TestStripe
beforeEach(async () => {
  stripe = await startTestStripe({ merchantName: 'Ann & <Co>', settleDelayMs: 5 })
})
afterEach(() => stripe.close())

/** Submits a form as a browser would, without following the redirect. */
const submit = (url: string, fields: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

const newSession = async (change: object = {}) => {
  const session = await stripe.sdk.checkout.sessions.create({ ...tenCredits, ...change })
  return { id: session.id, url: String(session.url) }
}

describe('the pay page', () => {
  test('shows merchant, product, amount and the way back, escaped and without anything from elsewhere', async () => {
    const name = '<script>alert(1)</script>'
    const { url } = await newSession({
      line_items: [{ quantity: 2, price_data: { currency: 'eur', unit_amount: 500, product_data: { name } } }],
    })
    const response = await fetch(url)
    const page = await response.text()
    expect(response.status).toBe(200)
    expect(page).toContain('Sandbox checkout: no real money.')
    expect(page).toContain('Ann &#38; &#60;Co&#62;')
    expect(page).toContain('€10.00')
    expect(page).not.toContain(name)
    expect(page).toContain('href="https://shop.example/cancelled"')
    expect(page).not.toMatch(/(src|href)="https?:\/\/(?!shop\.example)/)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test('leads to the success page with the session id once the card is taken', async () => {
    const { id, url } = await newSession()
    const paid = await submit(url, { email: 'ann@example.com', outcome: 'succeeds' })
    expect(paid.status).toBe(303)
    expect(paid.headers.get('location')).toBe(`https://shop.example/done?session=${id}`)
    expect((await stripe.sdk.checkout.sessions.retrieve(id)).payment_status).toBe('paid')
  })

  test('shows why a card was declined, keeps the e-mail, and takes another card', async () => {
    const { url } = await newSession()
    const page = await (await submit(url, { email: 'ann@example.com', outcome: 'declined' })).text()
    expect(page).toContain('role="alert">Your card was declined. Try another card.')
    expect(page).toContain('value="ann@example.com"')
    expect((await submit(url, { email: 'ann@example.com', outcome: 'succeeds' })).status).toBe(303)
  })

  test('pressed twice pays once', async () => {
    const { url } = await newSession()
    const presses = await Promise.all(
      [1, 2, 3].map(() => submit(url, { email: 'ann@example.com', outcome: 'succeeds' })),
    )
    expect(presses.map((response) => response.status)).toEqual([303, 303, 303])
    expect(await stripe.world.listCharges()).toHaveLength(1)
  })

  test('sends the buyer to a challenge, which can be failed and completed', async () => {
    const { id, url } = await newSession()
    const pay = () => submit(url, { email: 'ann@example.com', outcome: 'authentication' })
    const challenge = String((await pay()).headers.get('location'))
    expect(challenge).toBe(`${stripe.url}/c/authenticate/${id}`)
    const failed = await (await submit(challenge, { answer: 'fail' })).text()
    expect(failed).toContain('unable to authenticate')
    expect(failed).toContain(`action="../pay/${id}"`)
    await pay()
    const done = await submit(challenge, { answer: 'complete' })
    expect(done.headers.get('location')).toBe(`https://shop.example/done?session=${id}`)
  })

  test('lets a delayed payment settle by itself', async () => {
    const { id, url } = await newSession()
    await submit(url, { email: 'ann@example.com', outcome: 'delayed_succeeds' })
    await stripe.world.waitForSession({ sessionId: id, paymentStatus: 'paid' })
    const other = await newSession()
    await submit(other.url, { email: 'ann@example.com', outcome: 'delayed_fails' })
    await stripe.world.waitForEvent({ type: 'checkout.session.async_payment_failed', about: other.id })
  })

  test('asks again for an e-mail or a choice that is none', async () => {
    const { id, url } = await newSession()
    expect(await (await submit(url, { email: 'ann', outcome: 'succeeds' })).text()).toContain(
      'Your e-mail is incomplete.',
    )
    expect(await (await submit(url, { email: 'ann@example.com', outcome: 'free' })).text()).toContain(
      'Choose how to pay.',
    )
    expect((await stripe.sdk.checkout.sessions.retrieve(id)).status).toBe('open')
  })

  test('says so when it is over, paid or unknown', async () => {
    const { id, url } = await newSession()
    await stripe.world.expireSession({ sessionId: id })
    expect(await (await fetch(url)).text()).toContain('This payment page has expired')
    const paid = await newSession()
    await stripe.world.paySession({ sessionId: paid.id })
    expect(await (await fetch(paid.url)).text()).toContain('You are all done here')
    expect((await fetch(`${stripe.url}/c/pay/cs_test_nothing`)).status).toBe(404)
  })

  test('lets the buyer choose how a saved card behaves later', async () => {
    const { id, url } = await newSession({ payment_intent_data: { setup_future_usage: 'off_session' } })
    expect(await (await fetch(url)).text()).toContain('This card will be saved')
    await submit(url, { email: 'ann@example.com', outcome: 'succeeds', savedCard: 'insufficient_funds' })
    const { customer } = await stripe.world.waitForSession({ sessionId: id, status: 'complete' })
    const { data } = await stripe.sdk.customers.listPaymentMethods(customer ?? 'none')
    const charge = stripe.sdk.paymentIntents.create({
      amount: 500,
      currency: 'usd',
      customer: customer ?? 'none',
      payment_method: String(data[0]?.id),
      confirm: true,
      off_session: true,
    })
    await expect(charge).rejects.toMatchObject({ decline_code: 'insufficient_funds' })
  })
})

describe('the portal page', () => {
  test('shows saved cards and payments, and lets the customer add and remove a card', async () => {
    const { customerId } = await stripe.world.createSavedCard({ email: 'ann@example.com' })
    const session = await stripe.sdk.billingPortal.sessions.create({
      customer: customerId,
      return_url: 'https://shop.example/me',
    })
    const page = await (await fetch(session.url)).text()
    expect(page).toContain('visa ending 4242 (default)')
    expect(page).toContain('href="https://shop.example/me"')
    await submit(session.url, { add: 'card' })
    const { data } = await stripe.sdk.customers.listPaymentMethods(customerId)
    expect(data).toHaveLength(2)
    await submit(session.url, { remove: String(data[1]?.id) })
    await stripe.world.waitForEvent({ type: 'payment_method.detached', about: String(data[1]?.id) })
    expect((await stripe.sdk.customers.listPaymentMethods(customerId)).data).toHaveLength(1)
  })

  test('removes only the cards of its own customer', async () => {
    const [mine, theirs] = [await stripe.world.createSavedCard({}), await stripe.world.createSavedCard({})]
    const session = await stripe.sdk.billingPortal.sessions.create({ customer: mine.customerId })
    await submit(session.url, { remove: theirs.paymentMethodId })
    expect((await stripe.sdk.customers.listPaymentMethods(theirs.customerId)).data).toHaveLength(1)
  })
})
