import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { reconcileOrders } from '#core/payments/checkout/reconcile-orders.ts'
import {
  ATTEMPTS_BEFORE_ALERT,
  claimStripeEvents,
  processStripeEvent,
} from '#core/payments/stripe-events/process-stripe-events.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import { countBlockedOthers, countOthers } from '#testing/connections.ts'
import {
  clickPayLink,
  deliverEvents,
  eventually,
  grantedOnce,
  newOrder,
  nothingGranted,
  openShop,
  payOrder,
  processDueEvents,
  readBooks,
  type Shop,
} from '#testing/payments/shop.ts'
import { spawnScript } from '#testing/script-process.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(() => shop.close())

const newEvent = (type: string, objectId: string | undefined, id = `evt_${type}`) =>
  stripeEventSchema.parse({
    id,
    object: 'event',
    type,
    api_version: '2019-12-03',
    created: 1,
    livemode: false,
    data: { object: { id: objectId } },
  })

const makeAllDue = () => shop.database.pool.query(`UPDATE stripe_events SET next_attempt_at = now() - interval '1 s'`)

describe('an event', () => {
  test('is kept once, however often and at once it comes', async () => {
    const event = newEvent('checkout.session.completed', 'cs_1')
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => recordStripeEvent(shop.database.pool, event)))
    expect(outcomes.filter(({ status }) => status === 'stored')).toHaveLength(1)
    expect(await shop.db.stripeEvent.findMany()).toMatchObject([
      { id: event.id, type: event.type, apiVersion: '2019-12-03', objectId: 'cs_1', processedAt: null },
    ])
  })

  test.each(['payment_intent.created', 'invoice.created', 'something.invented'])(
    'without an effect (%s) is marked as processed and Stripe is not asked',
    async (type) => {
      await recordStripeEvent(shop.database.pool, newEvent(type, 'obj_1'))
      await shop.world.addApiFault({ kind: 'server_error', times: 100 })
      await processDueEvents(shop)
      expect(await shop.db.stripeEvent.findMany()).toMatchObject([{ attempts: 1, error: null }])
      expect(await shop.db.stripeEvent.count({ where: { processedAt: null } })).toBe(0)
    },
  )

  test('is worked on by one of many workers at a time', async () => {
    for (let index = 0; index < 30; index += 1)
      await recordStripeEvent(shop.database.pool, newEvent('x.y', 'x', `evt_${index}`))
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimStripeEvents(shop.db, { limit: 5 })))
    const ids = claims.flat().map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(0)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('that came first is worked on first, however many come after it', async () => {
    for (const id of ['evt_1', 'evt_2', 'evt_3']) await recordStripeEvent(shop.database.pool, newEvent('x.y', 'x', id))
    const claim = async () => (await claimStripeEvents(shop.db, { limit: 1 })).map(({ id }) => id)
    expect([...(await claim()), ...(await claim()), ...(await claim())]).toEqual(['evt_1', 'evt_2', 'evt_3'])
  })

  test('whose payload lies about the payment changes nothing: Stripe is asked', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    await recordStripeEvent(shop.database.pool, {
      ...newEvent('checkout.session.completed', sessionId),
      data: { object: { id: sessionId, payment_status: 'paid', status: 'complete' } },
    })
    await processDueEvents(shop)
    expect(await readBooks(shop, order)).toEqual(nothingGranted)
  })

  test('that fails is tried again after growing pauses, and reported once', async () => {
    await recordStripeEvent(shop.database.pool, newEvent('checkout.session.completed', 'cs_test_missing'))
    const pauses: number[] = []
    for (let attempt = 1; attempt <= ATTEMPTS_BEFORE_ALERT + 2; attempt += 1) {
      await makeAllDue()
      const [event] = await claimStripeEvents(shop.db, { limit: 1 })
      if (!event) throw new Error('the event is gone')
      const result = await processStripeEvent(shop.db, { event, rail: shop.rail, now: new Date() })
      if (result.status === 'failed') pauses.push(result.retryInSeconds)
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64])
    expect(await shop.db.alert.findMany()).toMatchObject([{ key: 'stripe-events-failing', count: 1 }])
    expect(await shop.db.stripeEvent.findMany()).toMatchObject([{ processedAt: null, attempts: 7 }])
  })

  test('that has failed for long is still tried every ten minutes', async () => {
    const event = { id: 'evt_long', type: 'checkout.session.completed', objectId: 'cs_test_missing', attempts: 40 }
    expect(await processStripeEvent(shop.db, { event, rail: shop.rail, now: new Date() })).toMatchObject({
      status: 'failed',
      retryInSeconds: 600,
    })
  })

  test('that another worker has processed stays so when this one fails with it', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    await recordStripeEvent(shop.database.pool, newEvent('checkout.session.completed', sessionId))
    const [event] = await claimStripeEvents(shop.db, { limit: 1 })
    if (!event) throw new Error('the event is gone')
    await processStripeEvent(shop.db, { event, rail: shop.rail, now: new Date() })
    await shop.world.addApiFault({ kind: 'server_error', times: 100 })
    expect(await processStripeEvent(shop.db, { event, rail: shop.rail, now: new Date() })).toMatchObject({
      status: 'failed',
    })
    expect(await shop.db.stripeEvent.findUnique({ where: { id: event.id } })).toMatchObject({
      processedAt: expect.any(Date),
      nextAttemptAt: null,
      error: null,
    })
  })

  test('that keeps failing holds the alert open until it and all others like it are processed', async () => {
    const sessionIds: string[] = []
    for (let index = 0; index < 3; index++) {
      const id = await clickPayLink(shop, await newOrder(shop))
      sessionIds.push(id)
      await recordStripeEvent(shop.database.pool, newEvent('checkout.session.completed', id, `evt_${id}`))
    }
    const failFor = async (ids: string[]) => {
      await shop.world.clearApiFaults()
      for (const id of ids) {
        await shop.world.addApiFault({ kind: 'server_error', path: `/v1/checkout/sessions/${id}`, times: 100 })
      }
    }
    const workOn = async () => {
      await makeAllDue()
      await processDueEvents(shop)
      return shop.db.alert.count({ where: { key: 'stripe-events-failing', resolvedAt: null } })
    }
    await failFor(sessionIds)
    await shop.database.pool.query('UPDATE stripe_events SET attempts = $1', [ATTEMPTS_BEFORE_ALERT - 1])
    expect(await workOn()).toBe(1)
    await failFor(sessionIds.slice(1))
    expect(await workOn()).toBe(1)
    // Both at once.
    await failFor([])
    expect(await workOn()).toBe(0)
  })
})

describe('the events of a purchase', () => {
  test('grant once in whichever order they come, also again days later', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    const events = (await shop.world.listEvents()).map((event) => stripeEventSchema.parse(event)).toReversed()
    for (const event of events) await recordStripeEvent(shop.database.pool, event)
    await processDueEvents(shop)
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
    await shop.db.stripeEvent.deleteMany()
    await deliverEvents(shop)
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
  })

  test('that tell of its expiry leave a purchase alone that was paid after all', async () => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    await recordStripeEvent(shop.database.pool, newEvent('checkout.session.expired', sessionId))
    await processDueEvents(shop)
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
  })

  test('that tell of an expired page free the order for a fresh one', async () => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    await shop.world.expireSession({ sessionId })
    await deliverEvents(shop)
    expect(await shop.db.order.findUnique({ where: { id: order.id } })).toMatchObject({
      state: 'open',
      checkoutSessionId: null,
    })
  })

  test('that tell late of an older page leave the newer one with the order, so that never two can be paid', async () => {
    const order = await newOrder(shop)
    const older = await clickPayLink(shop, order)
    await shop.world.expireSession({ sessionId: older })
    await deliverEvents(shop)
    const newer = await clickPayLink(shop, order)
    await recordStripeEvent(shop.database.pool, newEvent('checkout.session.expired', older))
    await processDueEvents(shop)
    expect(await clickPayLink(shop, order)).toBe(newer)
    expect(await shop.world.listSessions({ status: 'open' })).toHaveLength(1)
  })

  test.each([true, false])('by a slow method (arrives: %s) give exactly what arrived', async (succeeds) => {
    const order = await newOrder(shop)
    const sessionId = await clickPayLink(shop, order)
    await shop.world.paySession({ sessionId, outcome: 'delayed' })
    await deliverEvents(shop)
    expect(await readBooks(shop, order)).toEqual(nothingGranted)
    await shop.world.settlePayment({ sessionId, succeeds })
    await deliverEvents(shop)
    // Who waited for days is told when the money does not come.
    expect(await readBooks(shop, order)).toEqual(
      succeeds ? grantedOnce : { ...nothingGranted, notices: [expect.objectContaining({ text: 'payment-failed' })] },
    )
  })
})

describe('a worker that is killed', () => {
  /** Where the worker stands when it dies: what it waits for, and has written already. */
  test.each([
    ['in the middle of the grant', 'SELECT 1 FROM accounts FOR UPDATE'],
    ['with everything written but the mark "processed"', 'SELECT 1 FROM stripe_events FOR UPDATE'],
  ])('%s has granted nothing; the next one grants once', async (_where, lock) => {
    const order = await newOrder(shop)
    const sessionId = await payOrder(shop, order)
    await recordStripeEvent(shop.database.pool, newEvent('checkout.session.completed', sessionId))
    const client = await shop.database.pool.connect()
    try {
      // The claim needs the event too, so the lock is taken only once the worker is asking Stripe.
      await shop.world.addApiFault({ kind: 'slow', path: '/v1/checkout/sessions', delayMs: 700 })
      const child = await spawnWorker()
      await eventually(
        () => shop.db.stripeEvent.findFirst(),
        (event) => event?.attempts === 1,
      )
      await client.query('BEGIN')
      await client.query(lock)
      await eventually(
        () => countBlockedOthers(shop.database.pool),
        (blocked) => blocked === 1,
      )
      child.kill('SIGKILL')
      await once(child, 'exit')
      await client.query('ROLLBACK')
    } finally {
      client.release()
    }
    await eventually(
      () => countOthers(shop.database.pool),
      (workers) => workers === 0,
    )
    expect(await readBooks(shop, order)).toEqual(nothingGranted)
    expect(await shop.db.stripeEvent.findFirst()).toMatchObject({ processedAt: null })
    await makeAllDue()
    await processDueEvents(shop)
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
    expect(await shop.db.stripeEvent.count({ where: { processedAt: null } })).toBe(0)
  })

  test('keeps its claim only for the lease', async () => {
    await recordStripeEvent(shop.database.pool, newEvent('x.y', 'x'))
    expect(await claimStripeEvents(shop.db, { limit: 1 })).toHaveLength(1)
    expect(await claimStripeEvents(shop.db, { limit: 1 })).toHaveLength(0)
    await shop.database.pool.query(`UPDATE stripe_events SET next_attempt_at = next_attempt_at - interval '61 s'`)
    expect(await claimStripeEvents(shop.db, { limit: 1 })).toMatchObject([{ attempts: 2 }])
  })

  const spawnWorker = () => spawnScript('testing/payments/process-events.ts', [shop.database.url, shop.stripeUrl])
})

describe('the reconciler', () => {
  const minutesFromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000)

  test('grants what was paid when every webhook was lost for good', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    expect(await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(9) })).toMatchObject({ asked: 0 })
    expect(await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(11) })).toEqual({
      asked: 1,
      granted: 1,
      isCutShort: false,
    })
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
    expect(await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(12) })).toMatchObject({ asked: 0 })
  })

  test('stops asking about pages that have expired, and closes orders past their date', async () => {
    const order = await newOrder(shop)
    await shop.world.expireSession({ sessionId: await clickPayLink(shop, order) })
    expect(await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(11) })).toMatchObject({ asked: 1 })
    expect(await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(11) })).toMatchObject({ asked: 0 })
    await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(7 * 24 * 60 + 1) })
    expect((await readBooks(shop, order)).state).toBe('expired')
  })

  test('stops asking about pages of another Stripe account', async () => {
    const { id } = await newOrder(shop)
    await shop.db.order.update({ where: { id }, data: { checkoutSessionId: 'cs_test_elsewhere' } })
    expect(await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(11) })).toMatchObject({ asked: 1 })
    expect(await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(11) })).toMatchObject({ asked: 0 })
  })

  test('finds what was paid by a link that has expired meanwhile', async () => {
    const order = await newOrder(shop)
    await payOrder(shop, order)
    await shop.db.order.update({ where: { id: order.id }, data: { state: 'expired' } })
    expect(await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(11) })).toMatchObject({ granted: 1 })
    expect(await readBooks(shop, order)).toEqual(grantedOnce)
  })

  test('gives up for this round when Stripe does not answer', async () => {
    await clickPayLink(shop, await newOrder(shop))
    await clickPayLink(shop, await newOrder(shop))
    await shop.world.addApiFault({ kind: 'server_error', times: 100 })
    const result = await reconcileOrders(shop.db, shop.rail, { now: minutesFromNow(11) })
    expect(result).toEqual({ asked: 0, granted: 0, isCutShort: true })
  })
})
