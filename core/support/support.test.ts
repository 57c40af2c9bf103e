import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { reconcileRefunds } from '#core/payments/refunds/reconcile-refunds.ts'
import { eraseUser } from '#core/privacy/erase-user.ts'
import type { StarsRail } from '#core/rails/stars/stars-rail.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import { acceptCase, declineCase } from '#core/support/decide-case.ts'
import { findCase } from '#core/support/find-case.ts'
import { openCase } from '#core/support/open-case.ts'
import type { Role } from '#prisma'
import { deliverEvents, newOrder, newProduct, newUser, openShop, payOrder, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

/** Nothing here is paid in Stars. */
const starsRail: StarsRail = {
  refund: () => Promise.reject(new Error('no Stars')),
  setRenewal: () => Promise.reject(new Error('no Stars')),
  listTransactionsSince: () => {
    throw new Error('no Stars')
  },
}
const rails = () => ({ rail: shop.rail, starsRail })

async function bought(given: Parameters<typeof newOrder>[1] = {}) {
  const order = await newOrder(shop, given)
  const sessionId = await payOrder(shop, order)
  await deliverEvents(shop)
  const { id: paymentId } = await shop.db.payment.findUniqueOrThrow({ where: { sessionId } })
  return { order, userId: order.userId, sessionId, paymentId }
}

async function newAdmin(id: bigint, role: Role = 'admin') {
  await shop.db.teamMember.create({ data: { id, name: `Mia ${id}`, role } })
  return { id, name: `Mia ${id}`, role }
}

let lastKey = 0
const ask = (given: { userId: bigint; paymentId: string; text?: string; key?: string; now?: Date }) => {
  lastKey += 1
  const question = { text: 'It does not work', key: `msg:${lastKey}`, now: new Date(), ...given }
  return openCase(shop.db, rails(), question)
}

async function openedCase(given: { userId: bigint; paymentId: string }): Promise<string> {
  const outcome = await ask(given)
  if (outcome.status !== 'opened') throw new Error(`the case is ${outcome.status}`)
  return outcome.caseId
}

const accept = (caseId: string, actor: Awaited<ReturnType<typeof newAdmin>>) =>
  acceptCase(shop.db, rails(), { caseId, actor, now: new Date() })
const decline = (caseId: string, actor: Awaited<ReturnType<typeof newAdmin>>) =>
  declineCase(shop.db, { caseId, actor, reason: 'It was used', now: new Date() })
/** Messages with buttons that the team is owed in the user's topic. */
const messagesAbout = (caseId: string) =>
  shop.db.outboxItem.count({ where: { purpose: 'case', payload: { path: ['caseId'], equals: caseId } } })
const refundsAtStripe = async () => (await shop.sdk.refunds.list({ limit: 100 })).data.map(({ amount }) => amount)
const noticesTo = async (userId: bigint) =>
  (await shop.db.outboxItem.findMany({ where: { userId, purpose: 'notice' }, orderBy: { id: 'asc' } })).map(
    ({ payload }) => (payload as { text: string }).text,
  )
const autoRefundBelow = (value: number) =>
  changeSetting(shop.db, { key: 'autoRefundBelowMinor', value, updatedBy: 'test' })

describe('a question about a payment', () => {
  test('opens one case however often its message comes, and the team hears of it once', async () => {
    const { userId, paymentId } = await bought()
    const all = await Promise.all(Array.from({ length: 6 }, () => ask({ userId, paymentId, key: 'msg:same' })))
    expect(all.filter(({ status }) => status === 'opened')).toHaveLength(1)
    expect(all.filter(({ status }) => status === 'duplicate')).toHaveLength(5)
    expect(await shop.db.outboxItem.count({ where: { purpose: 'case' } })).toBe(1)
    expect(await shop.db.outboxItem.count({ where: { purpose: 'alert' } })).toBe(1)
    expect(await ask({ userId, paymentId })).toEqual({ status: 'open_already' })
  })

  test('is shown with what is left of the payment', async () => {
    const given = await bought()
    await shop.world.refundPayment({ sessionId: given.sessionId, amountMinor: 200 })
    await deliverEvents(shop)
    const found = await findCase(shop.db, { caseId: await openedCase(given) })
    expect(found?.paid).toMatchObject({ amountMinor: 500, leftMinor: 300 })
  })

  test("about somebody else's payment is not taken", async () => {
    const { paymentId } = await bought()
    expect(await ask({ userId: await newUser(shop), paymentId })).toEqual({ status: 'unknown_payment' })
  })
})

describe('a decision', () => {
  test('by two admins at once is one decision and one refund', async () => {
    const given = await bought()
    const [mia, ben] = [await newAdmin(1n), await newAdmin(2n, 'owner')]
    const caseId = await openedCase(given)
    const all = await Promise.all([accept(caseId, mia), accept(caseId, ben), accept(caseId, mia), decline(caseId, ben)])
    expect(all.filter(({ status }) => status !== 'decided_before')).toHaveLength(1)
    const { state } = await shop.db.supportCase.findUniqueOrThrow({ where: { id: caseId } })
    expect(await refundsAtStripe()).toEqual(state === 'accepted' ? [500] : [])
    const told = (await noticesTo(given.userId)).filter((text) => text !== 'buy-paid-credits')
    expect(told).toEqual([state === 'accepted' ? 'refund-made' : 'support-declined'])
  })

  test('to decline tells the user why, is audited, and leaves the money', async () => {
    const given = await bought()
    const caseId = await openedCase(given)
    expect(await decline(caseId, await newAdmin(1n))).toEqual({ status: 'declined' })
    expect(await noticesTo(given.userId)).toEqual(['buy-paid-credits', 'support-declined'])
    expect(await shop.db.auditEntry.findMany()).toMatchObject([{ action: 'support.decline', reason: 'It was used' }])
    expect(await refundsAtStripe()).toEqual([])
    expect(await ask(given)).toMatchObject({ status: 'opened' })
  })

  test('leaves the words of the user out of the books, which forget nothing', async () => {
    const { userId, paymentId } = await bought()
    const opened = await ask({ userId, paymentId, text: 'my illness' })
    if (opened.status !== 'opened') throw new Error(`the case is ${opened.status}`)
    await accept(opened.caseId, await newAdmin(1n))
    await eraseUser(shop.db, { userId, now: new Date() })
    const { ledgerEntry, auditEntry, refund, refundRequest, supportCase } = shop.db
    const books = [ledgerEntry.findMany(), auditEntry.findMany(), refund.findMany(), refundRequest.findMany()]
    const kept = await Promise.all([...books, supportCase.findMany()])
    expect(kept.map((rows) => rows.length)).toEqual([3, 1, 1, 1, 1])
    expect(inspect(kept, { depth: null })).not.toContain('illness')
  })

  test('is not for agents', async () => {
    const given = await bought()
    const caseId = await openedCase(given)
    const agent = await newAdmin(1n, 'agent')
    expect(await accept(caseId, { ...agent, role: 'owner' })).toEqual({ status: 'forbidden' })
    expect(await decline(caseId, { ...agent, role: 'owner' })).toEqual({ status: 'forbidden' })
    expect(await refundsAtStripe()).toEqual([])
  })

  test('whose refund Stripe refuses leaves the case open', async () => {
    const given = await bought()
    const caseId = await openedCase(given)
    await shop.world.createDispute({ sessionId: given.sessionId })
    expect(await accept(caseId, await newAdmin(1n))).toMatchObject({ status: 'refused' })
    expect(await shop.db.supportCase.findUniqueOrThrow({ where: { id: caseId } })).toMatchObject({
      state: 'open',
      decidedBy: null,
    })
  })

  test('whose refund Stripe refuses after a lost answer comes before the team again, with its buttons', async () => {
    const given = await bought()
    const caseId = await openedCase(given)
    await shop.db.outboxItem.deleteMany({ where: { purpose: 'case' } })
    await shop.world.addApiFault({ kind: 'drop_before', path: '/v1/refunds', method: 'POST', times: 10 })
    expect(await accept(caseId, await newAdmin(1n))).toEqual({ status: 'unknown' })
    await shop.world.clearApiFaults()
    await shop.world.createDispute({ sessionId: given.sessionId })
    await reconcileRefunds(shop.db, shop.rail, { now: new Date(), leftAloneSeconds: 0 })
    expect(await shop.db.supportCase.findUniqueOrThrow({ where: { id: caseId } })).toMatchObject({ state: 'open' })
    expect(await messagesAbout(caseId)).toBe(1)
  })

  test('while Stripe is away is carried out when it is back', async () => {
    const given = await bought()
    const caseId = await openedCase(given)
    await shop.world.addApiFault({ kind: 'drop_after', path: '/v1/refunds', method: 'POST', times: 4 })
    expect(await accept(caseId, await newAdmin(1n))).toEqual({ status: 'unknown' })
    await shop.world.clearApiFaults()
    await reconcileRefunds(shop.db, shop.rail, { now: new Date(), leftAloneSeconds: 0 })
    await deliverEvents(shop)
    expect(await refundsAtStripe()).toEqual([500])
    expect(await noticesTo(given.userId)).toEqual(['buy-paid-credits', 'refund-made'])
  })
})

describe('a refund without the team', () => {
  test('is off until it is switched on', async () => {
    expect(await ask(await bought())).toMatchObject({ status: 'opened' })
  })

  test('gives a small unused payment back at once, and once in thirty days', async () => {
    await autoRefundBelow(501)
    const { order, userId, paymentId } = await bought()
    expect(await ask({ userId, paymentId })).toMatchObject({ status: 'refunding' })
    expect(await refundsAtStripe()).toEqual([500])
    expect(await noticesTo(userId)).toEqual(['buy-paid-credits', 'refund-made'])

    const again = await placeOrder(shop.db, { userId, productId: order.productId, now: new Date() })
    if (again.status !== 'placed') throw new Error(again.status)
    const sessionId = await payOrder(shop, again.order)
    await deliverEvents(shop)
    const second = await shop.db.payment.findUniqueOrThrow({ where: { sessionId } })
    expect(await ask({ userId, paymentId: second.id })).toMatchObject({ status: 'opened' })
    await shop.db.supportCase.deleteMany({ where: { paymentId: second.id } })
    const inAMonth = new Date(Date.now() + 31 * 24 * 3_600_000)
    expect(await ask({ userId, paymentId: second.id, now: inAMonth })).toMatchObject({ status: 'refunding' })
  })

  test('that Stripe refuses comes before the team after all', async () => {
    await autoRefundBelow(501)
    const given = await bought()
    // Stripe gives nothing back that is disputed, and nobody has told us of it yet.
    await shop.world.createDispute({ sessionId: given.sessionId })
    const caseId = await openedCase(given)
    expect(await shop.db.supportCase.findUniqueOrThrow({ where: { id: caseId } })).toMatchObject({ state: 'open' })
    expect(await messagesAbout(caseId)).toBe(1)
  })

  test('asked for two payments at once gives one back', async () => {
    await autoRefundBelow(501)
    const { order, userId, paymentId } = await bought()
    const again = await placeOrder(shop.db, { userId, productId: order.productId, now: new Date() })
    if (again.status !== 'placed') throw new Error(again.status)
    const sessionId = await payOrder(shop, again.order)
    await deliverEvents(shop)
    const second = await shop.db.payment.findUniqueOrThrow({ where: { sessionId } })
    const both = await Promise.all([ask({ userId, paymentId }), ask({ userId, paymentId: second.id })])
    expect(both.map(({ status }) => status).sort()).toEqual(['opened', 'refunding'])
    expect(await refundsAtStripe()).toEqual([500])
  })

  test('is left to the team when somebody was rewarded for inviting the buyer', async () => {
    await autoRefundBelow(501)
    await changeSetting(shop.db, { key: 'referralCredits', value: { referrer: 7, referred: 3 }, updatedBy: 'test' })
    const [referredById, product] = [await newUser(shop), await newProduct(shop)]
    const userId = await newUser(shop)
    await shop.db.user.update({ where: { id: userId }, data: { referredById } })
    const buy = async () => {
      const placed = await placeOrder(shop.db, { userId, productId: product.id, now: new Date() })
      if (placed.status !== 'placed') throw new Error(placed.status)
      const sessionId = await payOrder(shop, placed.order)
      await deliverEvents(shop)
      return shop.db.payment.findUniqueOrThrow({ where: { sessionId } })
    }
    expect(await ask({ userId, paymentId: (await buy()).id })).toMatchObject({ status: 'opened' })
    expect(await ask({ userId, paymentId: (await buy()).id })).toMatchObject({ status: 'refunding' })
  })

  test('is left to the team when it is not small or when something was spent', async () => {
    await autoRefundBelow(500)
    expect(await ask(await bought())).toMatchObject({ status: 'opened' })
    await autoRefundBelow(501)
    const used = await bought()
    await postEntry(shop.db, {
      userId: used.userId,
      kind: 'adjustment',
      ref: 'spent',
      paidDelta: -1,
      contra: 'corrections',
      actor: 'system',
    })
    expect(await ask(used)).toMatchObject({ status: 'opened' })
  })
})
