import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deliverKeptMessages } from '#core/kept-messages/deliver-kept-messages.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import { readCharge } from '#core/rails/stripe/read-charge.ts'
import type { CardRail } from '#core/recharge/card-rail.ts'
import { claimAttempts } from '#core/recharge/claim-attempts.ts'
import { switchOffRecharge } from '#core/recharge/switch-off-recharge.ts'
import { wakeCappedPlans } from '#core/recharge/wake-capped-plans.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import { type RailChoice, settingsSchema } from '#core/settings/settings.ts'
import {
  agree,
  giveCredits,
  keep,
  makeDue,
  newRecharger,
  readRecharge,
  run,
  runDue,
  saveCard,
  spend,
} from '#testing/payments/recharge.ts'
import { clickPayLink, deliverEvents, openShop, processDueEvents, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000)

const boughtOnce = {
  plan: 'on',
  because: null,
  rechargeBelow: 5,
  attempts: ['succeeded'],
  payments: ['granted'],
  orders: ['granted'],
  notices: ['recharge-done'],
  taken: [500],
}

describe('a debit that leaves too little', () => {
  test('buys once, and one that leaves enough buys nothing', async () => {
    const { userId } = await newRecharger(shop)
    await spend(shop, userId, 14)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({ attempts: [], credits: 6 })
    await spend(shop, userId, 1)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toEqual({ ...boughtOnce, credits: 17 })
  })

  test('says what was charged, and all that came on top, loyalty included', async () => {
    await changeSetting(shop.db, { key: 'loyaltyPercent', value: { new: 0, regular: 0, vip: 50 }, updatedBy: 'test' })
    const { userId } = await newRecharger(shop)
    await shop.db.user.update({ where: { id: userId }, data: { tier: 'vip', tierOverride: 'vip' } })
    await spend(shop, userId, 15)
    await runDue(shop)
    const { payload } = await shop.db.outboxItem.findFirstOrThrow({ where: { userId, purpose: 'notice' } })
    expect(payload).toMatchObject({
      text: 'recharge-done',
      args: { credits: 10, extra: 7, price: '$5.00', balance: 22 },
      buttons: 'recharge',
    })
  })

  test('buys once, however many such debits there are at once and however many workers', async () => {
    const { userId } = await newRecharger(shop, { credits: 65 })
    await Promise.all(Array.from({ length: 64 }, () => spend(shop, userId, 1)))
    const claimed = await Promise.all(Array.from({ length: 8 }, () => claimAttempts(shop.db, { limit: 5 })))
    expect(claimed.flat()).toHaveLength(1)
    await Promise.all(claimed.flat().flatMap((attempt) => [run(shop, attempt), run(shop, attempt), run(shop, attempt)]))
    await makeDue(shop)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toEqual({ ...boughtOnce, credits: 13 })
  })

  test('buys once when worker and webhook hear of the payment at the same time', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    await spend(shop, userId, 1)
    const [attempt] = await claimAttempts(shop.db, { limit: 1 })
    if (!attempt) throw new Error('nothing is due')
    await shop.world.addApiFault({ kind: 'slow', method: 'GET', path: '/v1/payment_intents', delayMs: 150 })
    const working = run(shop, attempt)
    await shop.world.waitForEvent({ type: 'payment_intent.succeeded', about: (await chargeOf(userId)) ?? '' })
    await Promise.all([working, deliverEvents(shop), deliverEvents(shop)])
    expect(await readRecharge(shop, userId)).toEqual({ ...boughtOnce, credits: 17 })
  })

  async function chargeOf(userId: bigint): Promise<string | null> {
    for (;;) {
      const attempt = await shop.db.rechargeAttempt.findFirstOrThrow({ where: { userId } })
      if (attempt.paymentIntentId) return attempt.paymentIntentId
    }
  }

  test('buys once even when two charges were made for it: only the one that was kept is confirmed', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    await spend(shop, userId, 1)
    const [attempt] = await claimAttempts(shop.db, { limit: 1 })
    if (!attempt) throw new Error('nothing is due')
    let round = 0
    const createCharge: CardRail['createCharge'] = (request) => {
      round += 1
      return shop.rail.cards.createCharge({ ...request, round })
    }
    const rail = { ...shop.rail, cards: { ...shop.rail.cards, createCharge } }
    await Promise.all([1, 2, 3].map(() => run({ db: shop.db, rail }, attempt)))
    expect(await shop.world.listPaymentIntents({ status: 'requires_confirmation' })).not.toHaveLength(0)
    expect(await readRecharge(shop, userId)).toEqual({ ...boughtOnce, credits: 17 })
  })

  test('may be one that did not come about: what waits because credits are used up asks, and goes out', async () => {
    const { userId } = await newRecharger(shop, { credits: 0 })
    for (const messageId of [801, 802]) await keep(shop, userId, messageId)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toEqual({ ...boughtOnce, credits: 12 })
    await deliverKeptMessages(shop.database.pool, {
      userId: String(userId),
      settings: settingsSchema.parse({ lowCredits: 0 }),
    })
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toEqual({ ...boughtOnce, credits: 10 })
  })

  test('that waits asks for nothing where the plan rests or enough is left', async () => {
    const rich = await newRecharger(shop, { credits: 6 })
    await keep(shop, rich.userId, 803, 50)
    const { userId, product } = await newRecharger(shop, { credits: 0 })
    await shop.db.product.update({ where: { id: product.id }, data: { active: false } })
    await keep(shop, userId, 804)
    await runDue(shop)
    await keep(shop, userId, 805)
    await runDue(shop)
    expect(await readRecharge(shop, rich.userId)).toMatchObject({ attempts: [], taken: [] })
    expect(await readRecharge(shop, userId)).toMatchObject({ attempts: ['skipped: product_gone'], taken: [] })
  })

  test('buys nothing when the user bought by themselves before the worker came', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    await spend(shop, userId, 1)
    await giveCredits(shop, userId, 20)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({ attempts: ['skipped: balance'], taken: [] })
  })

  test.each([
    [
      'is turned off',
      'off',
      (userId: bigint) => shop.db.$transaction((tx) => switchOffRecharge(tx, { userId, reason: 'user' })),
    ],
    [
      'belongs to somebody shut out',
      'user',
      (id: bigint) => shop.db.user.update({ where: { id }, data: { bannedAt: new Date() } }),
    ],
  ])('buys nothing when auto-recharge %s', async (_what, problem, act) => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    await spend(shop, userId, 1)
    await act(userId)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({ attempts: [`skipped: ${problem}`], taken: [], orders: [] })
  })
})

describe('limits', () => {
  test('at most two charges in ten minutes; the third waits and is made then', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    for (let time = 0; time < 3; time += 1) {
      const { credits } = await readRecharge(shop, userId)
      await spend(shop, userId, credits - 5)
      await runDue(shop)
    }
    expect(await readRecharge(shop, userId)).toMatchObject({
      attempts: ['succeeded', 'succeeded', 'due: too_often'],
      taken: [500, 500],
    })
    await makeDue(shop)
    await runDue(shop, inMinutes(9))
    expect((await readRecharge(shop, userId)).taken).toEqual([500, 500])
    await makeDue(shop)
    await runDue(shop, inMinutes(11))
    expect((await readRecharge(shop, userId)).taken).toEqual([500, 500, 500])
  })

  test('never more than the cap in a month; the next month starts without charging', async () => {
    const { userId } = await newRecharger(shop, { credits: 6, monthlyCapMinor: 999 })
    const lastDay = new Date('2031-01-31T23:50:00Z')
    for (let time = 0; time < 3; time += 1) {
      const { credits } = await readRecharge(shop, userId)
      await spend(shop, userId, credits - 5)
      await runDue(shop, lastDay)
    }
    const capped = { attempts: ['succeeded', 'skipped: monthly_cap'], taken: [500], rechargeBelow: null, plan: 'on' }
    expect(await readRecharge(shop, userId)).toMatchObject({
      ...capped,
      notices: ['recharge-done', 'recharge-capped'],
    })
    expect(await wakeCappedPlans(shop.db, { now: lastDay })).toBe(0)
    expect(await wakeCappedPlans(shop.db, { now: new Date('2031-02-01T00:00:00Z') })).toBe(1)
    expect(await readRecharge(shop, userId)).toMatchObject({ ...capped, rechargeBelow: 5 })
    await spend(shop, userId, 1)
    await runDue(shop, new Date('2031-02-01T00:01:00Z'))
    expect((await readRecharge(shop, userId)).taken).toEqual([500, 500])
  })

  test.each([
    ['the price has changed', { priceMinor: 501 }, 'price_changed'],
    ['it is not sold any more', { active: false }, 'product_gone'],
  ])('nothing is charged that was not agreed to: %s', async (_what, change, reason) => {
    const { userId, product } = await newRecharger(shop, { credits: 6 })
    await shop.db.product.update({ where: { id: product.id }, data: change })
    await spend(shop, userId, 1)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({
      plan: 'suspended',
      because: reason,
      rechargeBelow: null,
      attempts: [`skipped: ${reason}`],
      taken: [],
    })
  })

  test('nothing is charged while the owner takes no money by card', async () => {
    const takeBy = (value: RailChoice) => changeSetting(shop.db, { key: 'rails', value, updatedBy: 'test' })
    const { userId } = await newRecharger(shop, { credits: 7 })
    await takeBy('stars')
    await spend(shop, userId, 2)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({ plan: 'on', attempts: ['skipped: rails'], taken: [] })
    await takeBy('both')
    await spend(shop, userId, 1)
    await runDue(shop)
    expect((await readRecharge(shop, userId)).taken).toEqual([500])
  })

  test('a new card alone does not start what was agreed to at another price; a new agreement does', async () => {
    const { userId, product } = await newRecharger(shop, { credits: 6 })
    const dearer = await shop.db.product.update({ where: { id: product.id }, data: { priceMinor: 700 } })
    await spend(shop, userId, 1)
    await runDue(shop)
    await saveCard(shop, userId)
    const { notices, ...rest } = await readRecharge(shop, userId)
    expect(rest).toMatchObject({ plan: 'suspended', because: 'price_changed' })
    expect(notices.at(-1)).toBe('recharge-card-saved-resting')
    expect(await agree(shop, { userId, product })).toEqual({ status: 'outdated' })
    expect(await agree(shop, { userId, product: dearer })).toEqual({ status: 'on' })
    await spend(shop, userId, 1)
    await runDue(shop)
    expect((await readRecharge(shop, userId)).taken).toEqual([700])
  })
})

describe('a card that does not pay', () => {
  test('three times in a row is not tried again before another card is saved', async () => {
    const { userId } = await newRecharger(shop, { credits: 9, card: 'insufficient_funds' })
    await spend(shop, userId, 3)
    for (let time = 0; time < 4; time += 1) {
      await spend(shop, userId, 1)
      await makeDue(shop)
      await runDue(shop, inMinutes(time * 20))
    }
    const suspended = { plan: 'suspended', because: 'declined', rechargeBelow: null, taken: [], payments: [] }
    expect(await readRecharge(shop, userId)).toMatchObject({
      ...suspended,
      attempts: ['failed: insufficient_funds', 'failed: insufficient_funds', 'failed: insufficient_funds'],
      notices: ['recharge-failed', 'recharge-failed', 'recharge-failed', 'recharge-suspended-declined'],
    })
    await saveCard(shop, userId, 'insufficient_funds')
    expect(await readRecharge(shop, userId)).toMatchObject(suspended)
    const { notices } = await readRecharge(shop, userId)
    expect(notices.at(-1)).toBe('recharge-same-card')
    await saveCard(shop, userId, 'succeeds')
    expect(await readRecharge(shop, userId)).toMatchObject({ plan: 'on', because: null, rechargeBelow: 5 })
    await spend(shop, userId, 1)
    await runDue(shop, inMinutes(100))
    expect((await readRecharge(shop, userId)).taken).toEqual([500])
  })

  test('because the bank wants the buyer leads to one pay link, and only one of the two ways can be granted', async () => {
    const { userId } = await newRecharger(shop, { credits: 6, card: 'authentication_required' })
    await spend(shop, userId, 1)
    await runDue(shop)
    const before = await readRecharge(shop, userId)
    expect(before).toMatchObject({
      plan: 'on',
      attempts: ['needs_buyer: authentication_required'],
      orders: ['open'],
      notices: ['recharge-failed'],
    })
    const attempt = await shop.db.rechargeAttempt.findFirstOrThrow({ where: { userId }, include: { order: true } })
    expect(await shop.world.getObject({ id: attempt.paymentIntentId ?? '' })).toMatchObject({ status: 'canceled' })
    const notice = await shop.db.outboxItem.findFirstOrThrow({ where: { userId, purpose: 'notice' } })
    expect(notice.payload).toMatchObject({
      args: { reason: 'authentication', price: '$5.00' },
      link: { url: `https://shop.test/checkout/${attempt.order?.token}` },
    })
    if (!attempt.order) throw new Error('no order')
    await shop.world.paySession({ sessionId: await clickPayLink(shop, attempt.order), outcome: 'authentication' })
    await deliverEvents(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({
      payments: ['granted'],
      orders: ['granted'],
      taken: [500],
      credits: 17,
    })
  })

  test('because the bank wants the buyer, told by the state of the charge alone, leads to a pay link', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    await spend(shop, userId, 1)
    const [attempt] = await claimAttempts(shop.db, { limit: 1 })
    if (!attempt) throw new Error('nothing is due')
    const { cards } = shop.rail
    const confirmCharge: CardRail['confirmCharge'] = async (id) => {
      const charge = readCharge({ ...(await shop.sdk.paymentIntents.retrieve(id)), status: 'requires_action' })
      if (!charge) throw new Error('that is no charge')
      return { status: 'answered', charge }
    }
    await run({ db: shop.db, rail: { ...shop.rail, cards: { ...cards, confirmCharge } } }, attempt)
    expect(await readRecharge(shop, userId)).toMatchObject({
      attempts: ['needs_buyer: authentication_required'],
      orders: ['open'],
      notices: ['recharge-failed'],
    })
  })

  test('because it was removed lets the plan rest and says so kindly', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    const plan = await shop.db.rechargePlan.findUniqueOrThrow({ where: { userId } })
    await shop.sdk.paymentMethods.detach(plan.paymentMethodId ?? '')
    await spend(shop, userId, 1)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({
      plan: 'suspended',
      because: 'card_gone',
      attempts: ['failed: card_gone'],
      orders: ['expired'],
      notices: ['recharge-suspended-card-gone'],
      taken: [],
    })
    await saveCard(shop, userId)
    expect((await readRecharge(shop, userId)).plan).toBe('on')
  })

  test('because it was removed is noticed by the event already', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    const plan = await shop.db.rechargePlan.findUniqueOrThrow({ where: { userId } })
    await shop.sdk.paymentMethods.detach(plan.paymentMethodId ?? '')
    await deliverEvents(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({ plan: 'suspended', because: 'card_gone' })
  })

  test('because Stripe lost the customer lets the plan rest', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    const user = await shop.db.user.findUniqueOrThrow({ where: { id: userId } })
    await shop.sdk.customers.del(user.stripeCustomerId ?? '')
    await spend(shop, userId, 1)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({ plan: 'suspended', because: 'card_gone', taken: [] })
    await saveCard(shop, userId)
    await spend(shop, userId, 1)
    await runDue(shop)
    expect(await shop.db.payment.count({ where: { userId } })).toBe(1)
  })
})

describe('an outcome', () => {
  test('that two workers learn at once is counted and told once', async () => {
    const { userId } = await newRecharger(shop, { credits: 6, card: 'declined' })
    await spend(shop, userId, 1)
    const [attempt] = await claimAttempts(shop.db, { limit: 1 })
    if (!attempt) throw new Error('nothing is due')
    await Promise.all([1, 2, 3, 4].map(() => run(shop, attempt)))
    expect(await readRecharge(shop, userId)).toMatchObject({ notices: ['recharge-failed'], plan: 'on' })
    expect(await shop.db.rechargePlan.findUnique({ where: { userId } })).toMatchObject({ failures: 1 })
  })

  test('of an order that was paid otherwise meanwhile is set aside for a person, and nothing is granted twice', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    await spend(shop, userId, 1)
    await shop.world.addApiFault({ kind: 'drop_before', path: '/v1/payment_intents/*/confirm', times: 10 })
    await runDue(shop)
    await shop.world.clearApiFaults()
    const order = await shop.db.order.findFirstOrThrow({ where: { userId } })
    await shop.world.paySession({ sessionId: await clickPayLink(shop, order) })
    await deliverEvents(shop)
    await makeDue(shop)
    await runDue(shop)
    const { payments, credits, attempts } = await readRecharge(shop, userId)
    expect({ payments: payments.toSorted(), credits, attempts }).toEqual({
      payments: ['granted', 'quarantined'],
      credits: 17,
      attempts: ['failed: quarantined'],
    })
  })
})

describe('news from Stripe', () => {
  test('about a card and a payment change nothing when they come again, late and in any order', async () => {
    const known = new Set((await shop.world.listEvents()).map(({ id }) => id))
    const { userId } = await newRecharger(shop, { credits: 6 })
    await spend(shop, userId, 1)
    await runDue(shop)
    const settled = await readRecharge(shop, userId)
    const news = (await shop.world.listEvents()).filter(({ id }) => !known.has(id))
    const events = news.map((event) => stripeEventSchema.parse(event))
    for (const order of [events, events.toReversed()]) {
      await shop.db.stripeEvent.deleteMany()
      for (const event of order) await recordStripeEvent(shop.database.pool, event)
      await processDueEvents(shop)
    }
    expect(await readRecharge(shop, userId)).toEqual(settled)
    expect(settled).toEqual({ ...boughtOnce, credits: 17 })
  })

  test('about a card that was saved before do not turn on what was turned off since', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    await shop.db.$transaction((tx) => switchOffRecharge(tx, { userId, reason: 'user' }))
    await shop.db.stripeEvent.deleteMany()
    await deliverEvents(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({ plan: 'off', rechargeBelow: null })
  })
})

describe('turning it off', () => {
  test('calls back a charge that was made but not confirmed', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    await spend(shop, userId, 1)
    await shop.world.addApiFault({ kind: 'drop_before', path: '/v1/payment_intents/*/confirm', times: 10 })
    await runDue(shop)
    await shop.world.clearApiFaults()
    expect(await readRecharge(shop, userId)).toMatchObject({ attempts: ['charging: no_answer'] })
    await shop.db.$transaction((tx) => switchOffRecharge(tx, { userId, reason: 'user' }))
    await makeDue(shop)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({
      plan: 'off',
      rechargeBelow: null,
      attempts: ['skipped: off'],
      orders: ['expired'],
      taken: [],
    })
  })

  test('by a dispute forgets the card, so that it takes the buyer to start again', async () => {
    const { userId, product } = await newRecharger(shop, { credits: 6 })
    await shop.db.$transaction((tx) => switchOffRecharge(tx, { userId, reason: 'dispute' }))
    await spend(shop, userId, 1)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({
      plan: 'off',
      attempts: [],
      notices: ['recharge-off-dispute'],
    })
    expect(await agree(shop, { userId, product })).toMatchObject({ status: 'awaiting_card' })
  })
})
