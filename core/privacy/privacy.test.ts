import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expireBonus } from '#core/ledger/expire-bonus.ts'
import { giveGift } from '#core/ledger/give-gift.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { blankOldMessages } from '#core/privacy/blank-messages.ts'
import { claimExport } from '#core/privacy/claim-export.ts'
import { deleteCustomers } from '#core/privacy/delete-customers.ts'
import { eraseUser } from '#core/privacy/erase-user.ts'
import { exportUserData } from '#core/privacy/export-user-data.ts'
import { registerUser } from '#core/users/register-user.ts'
import { setBan } from '#core/users/set-ban.ts'
import { agree, giveCredits, newRecharger, readRecharge, runDue, saveCard, spend } from '#testing/payments/recharge.ts'
import { deliverEvents, eventually, newOrder, newUser, openShop, payOrder, type Shop } from '#testing/payments/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

const DAY_MS = 24 * 3_600_000
const erase = (userId: bigint, now = new Date()) => eraseUser(shop.db, { userId, now })

/** As if everything that the user wrote had reached the team. */
async function deliver(userId: bigint): Promise<void> {
  await shop.database.pool.query(
    `INSERT INTO message_places (topic_chat_id, topic_message_id, message_id)
     SELECT -100, id, id FROM messages WHERE user_id = $1 ON CONFLICT DO NOTHING`,
    [userId],
  )
  await shop.db.outboxItem.deleteMany({ where: { userId } })
}

const entriesOf = async (userId: bigint) => {
  const entries = await shop.db.ledgerEntry.findMany({ where: { userId }, orderBy: { version: 'asc' } })
  return entries.map(({ kind, amount }) => [kind, amount])
}

describe('somebody who asks to be forgotten', () => {
  test('leaves the books and nothing that tells who they were or what they wrote', async () => {
    const order = await newOrder(shop)
    const { userId } = order
    await payOrder(shop, order)
    await deliverEvents(shop)
    await spend(shop, userId, 3)
    await deliver(userId)
    await shop.db.note.create({ data: { userId, authorName: 'Olivia', text: 'secret remark' } })
    expect(await erase(userId)).toEqual({ status: 'erased', forfeited: 9 })
    expect(await entriesOf(userId)).toEqual([
      ['purchase', 10],
      ['bonus', 2],
      ['spend', -3],
      ['adjustment', -9],
    ])
    expect(await shop.db.payment.count({ where: { userId, state: 'granted' } })).toBe(1)
    expect(await shop.db.user.findUnique({ where: { id: userId } })).toMatchObject({
      firstName: '',
      lastName: null,
      username: null,
      stripeCustomerId: null,
    })
    expect(await shop.db.message.findMany({ where: { userId } })).toMatchObject([{ text: null, content: {}, cost: 3 }])
    expect(await shop.db.note.count({ where: { userId } })).toBe(0)
    expect(await shop.db.conversation.findUnique({ where: { userId } })).toMatchObject({ preview: null })
    const owed = await shop.db.outboxItem.findMany({ where: { userId } })
    expect(JSON.stringify(owed.map(({ payload }) => payload))).not.toContain('hello')
  })

  test('gets nothing sent any more that they wrote, and is not charged for it', async () => {
    const userId = await newUser(shop)
    await giveCredits(shop, userId, 7)
    await spend(shop, userId, 2)
    expect(await erase(userId)).toEqual({ status: 'erased', forfeited: 7 })
    expect(await entriesOf(userId)).toEqual([
      ['gift', 7],
      ['spend', -2],
      ['release', 2],
      ['adjustment', -7],
    ])
    expect(await shop.db.outboxItem.count({ where: { userId } })).toBe(0)
  })

  test('is forgotten once, however often and at once they ask', async () => {
    const userId = await newUser(shop)
    await giveCredits(shop, userId, 7)
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => erase(userId)))
    expect(outcomes.filter(({ status }) => status === 'erased')).toHaveLength(1)
    expect(await entriesOf(userId)).toEqual([
      ['gift', 7],
      ['adjustment', -7],
    ])
  })

  test('loses the time of a pass, and keeps what is owed', async () => {
    const order = await newOrder(shop)
    const { userId } = order
    const sessionId = await payOrder(shop, order)
    await deliverEvents(shop)
    await spend(shop, userId, 12)
    await deliver(userId)
    await shop.world.refundPayment({ sessionId })
    await deliverEvents(shop)
    const facts = { userId, contra: 'promotions', actor: 'system' } as const
    await postEntry(shop.db, { ...facts, kind: 'gift', ref: `pass:${userId}`, passSeconds: 3600 })
    await erase(userId)
    const account = await shop.db.account.findUniqueOrThrow({ where: { userId } })
    expect(account.debt).toBe(10)
    expect(account.passUntil?.getTime()).toBeLessThanOrEqual(Date.now() + 1_000)
  })

  test('owes nothing for credits that were forfeited, not spent, when their money goes back', async () => {
    const order = await newOrder(shop)
    const { userId } = order
    const sessionId = await payOrder(shop, order)
    await deliverEvents(shop)
    await spend(shop, userId, 5)
    await deliver(userId)
    await erase(userId)
    for (const amountMinor of [100, 400]) {
      await shop.world.refundPayment({ sessionId, amountMinor })
      await deliverEvents(shop)
    }
    // Two of the five were bonus credits, and nobody owes those.
    expect(await shop.db.account.findUniqueOrThrow({ where: { userId } })).toMatchObject({ paid: 0, bonus: 0, debt: 3 })
  })

  test('loses credits that would have ended, and the books stay sound', async () => {
    const userId = await newUser(shop)
    const until = new Date(Date.now() + DAY_MS)
    const actor = { id: 900n, name: 'Mia', role: 'admin' } as const
    await giveGift(shop.db, { userId, credits: 5, reason: 'hello', ref: `lot:${userId}`, actor, until })
    expect(await erase(userId)).toEqual({ status: 'erased', forfeited: 5 })
    expect(await expireBonus(shop.db, { now: new Date(Date.now() + 2 * DAY_MS) })).toBe(0)
    expect(await verifyLedger(shop.database.pool)).toEqual([])
  })

  test('starts afresh when they write again, with nothing', async () => {
    const userId = await newUser(shop)
    await giveCredits(shop, userId, 7)
    await erase(userId)
    await registerUser(shop.db, { id: userId, firstName: 'Bea', lastName: null, username: null, languageCode: 'de' })
    expect(await shop.db.user.findUnique({ where: { id: userId } })).toMatchObject({ firstName: 'Bea', erasedAt: null })
    await giveCredits(shop, userId, 2)
    expect(await erase(userId)).toEqual({ status: 'erased', forfeited: 2 })
  })

  test('is not charged any more, and a new card makes a new customer', async () => {
    const recharger = await newRecharger(shop, { credits: 6 })
    const { userId } = recharger
    await spend(shop, userId, 1)
    const before = await shop.db.user.findUniqueOrThrow({ where: { id: userId } })
    await erase(userId)
    await runDue(shop)
    expect(await readRecharge(shop, userId)).toMatchObject({ plan: 'off', attempts: ['skipped: off'], taken: [] })
    await registerUser(shop.db, { id: userId, firstName: 'Bea', lastName: null, username: null, languageCode: 'de' })
    await deleteCustomers(shop.db, { rail: shop.rail, limit: 100 })
    expect(await agree(shop, recharger)).toMatchObject({ status: 'awaiting_card' })
    await saveCard(shop, userId)
    const after = await shop.db.user.findUniqueOrThrow({ where: { id: userId } })
    expect(after.stripeCustomerId).not.toBeNull()
    expect(after.stripeCustomerId).not.toBe(before.stripeCustomerId)
  })

  test('is forgotten by Stripe too, as often as Stripe has to be asked', async () => {
    const { userId } = await newRecharger(shop)
    const { stripeCustomerId } = await shop.db.user.findUniqueOrThrow({ where: { id: userId } })
    const customerId = stripeCustomerId ?? ''
    await deliverEvents(shop)
    await erase(userId)
    await shop.world.addApiFault({ kind: 'server_error', method: 'DELETE', path: '/v1/customers', times: 2 })
    const makeDue = () => shop.database.pool.query('UPDATE customer_deletions SET next_try_at = now()')
    await deleteCustomers(shop.db, { rail: shop.rail, limit: 100 })
    expect(await shop.db.customerDeletion.count({ where: { customerId } })).toBe(1)
    await makeDue()
    await deleteCustomers(shop.db, { rail: shop.rail, limit: 100 })
    expect(await shop.db.customerDeletion.count({ where: { customerId } })).toBe(0)
    expect(await shop.sdk.customers.retrieve(customerId)).toMatchObject({ deleted: true })
    const events = await shop.db.stripeEvent.findMany({ where: { processedAt: { not: null } } })
    expect(JSON.stringify(events.map(({ payload }) => payload))).not.toContain(customerId)
  })
})

describe('forgetting somebody', () => {
  const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`

  /** Takes the first step, lets the forgetting go on until it waits, and takes the second; both must come to their end. */
  async function cross(userId: bigint, [first, second]: [string, string]): Promise<void> {
    const other = await shop.database.pool.connect()
    try {
      await other.query(`BEGIN; ${first}`)
      const erasing = erase(userId)
      await eventually(
        async () => (await shop.database.pool.query(WAITING)).rowCount,
        (count) => count === 1,
      )
      await other.query(`${second}; COMMIT`)
      expect((await erasing).status).toBe('erased')
    } finally {
      await other.query('ROLLBACK')
      other.release()
    }
  }

  test('and a grant to them do not wait for each other in a circle', async () => {
    const { id, userId } = await newOrder(shop)
    await cross(userId, [
      `SELECT 1 FROM orders WHERE id = '${id}' FOR UPDATE`,
      `SELECT 1 FROM users WHERE id = ${userId} FOR NO KEY UPDATE`,
    ])
  })

  test('and a movement of their credits do not wait for each other in a circle', async () => {
    const userId = await newUser(shop)
    await giveCredits(shop, userId, 7)
    await shop.db.conversation.create({ data: { userId } })
    await cross(userId, [
      `SELECT 1 FROM accounts WHERE user_id = ${userId} FOR UPDATE`,
      `UPDATE conversations SET card_dirty_at = now() WHERE user_id = ${userId}`,
    ])
  })
})

describe('a copy of everything', () => {
  const read = async (userId: bigint, mostBytes?: number) => {
    const pieces: Buffer[] = []
    const copy = exportUserData(shop.db, { userId, now: new Date(), ...(mostBytes && { mostBytes }) })
    for await (const piece of copy) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  test('holds what was written, bought and agreed to, and no key to anything', async () => {
    const { userId } = await newRecharger(shop, { credits: 6 })
    await spend(shop, userId, 1)
    await runDue(shop)
    const text = (await read(userId)).toString()
    const copy = JSON.parse(text) as Record<string, unknown>
    expect(copy).toMatchObject({
      profile: { id: String(userId), firstName: 'Ann' },
      ledger: [{ kind: 'gift' }, { kind: 'spend' }, { kind: 'purchase' }, { kind: 'bonus' }],
      payments: [{ amountMinor: 500, state: 'granted' }],
      autoRechargeConsents: [{ text: 'I agree to this.' }],
      messages: [{ text: 'hello' }],
      olderMessagesLeftOut: false,
    })
    const [order] = await shop.db.order.findMany({ where: { userId } })
    const plan = await shop.db.rechargePlan.findUniqueOrThrow({ where: { userId } })
    expect(text).not.toContain(order?.token ?? '?')
    expect(text).not.toContain(plan.cardToken ?? '?')
  })

  test('tells nothing of who of the team did something, nor what they remarked', async () => {
    const userId = await newUser(shop)
    const actor = { id: 900_123n, name: 'Mia', role: 'admin' } as const
    await giveGift(shop.db, { userId, credits: 5, reason: 'hello', ref: `gift:${userId}`, actor })
    await setBan(shop.db, { userId, banned: true, actor, reason: 'a nuisance', now: new Date() })
    const text = (await read(userId)).toString()
    expect(JSON.parse(text)).toMatchObject({ ledger: [{ kind: 'gift', actor: 'team', reason: 'hello' }] })
    expect(text).not.toContain('900123')
    expect(text).not.toContain('nuisance')
  })

  test('holds every message of a long history, the newest first, or says that it does not', async () => {
    const userId = await newUser(shop)
    await shop.db.message.createMany({
      data: Array.from({ length: 1201 }, (_, index) => ({
        botId: 42n,
        userId,
        direction: 'out' as const,
        kind: 'text',
        text: `message ${index}`,
        content: {},
      })),
    })
    const whole = JSON.parse((await read(userId)).toString()) as { messages: { text: string }[] }
    expect(whole.messages).toHaveLength(1201)
    expect(whole.messages[0]?.text).toBe('message 1200')
    const short = await read(userId, 50_000)
    expect(short.length).toBeLessThan(50_100)
    expect(JSON.parse(short.toString())).toMatchObject({ olderMessagesLeftOut: true })
  })

  test('is given once an hour, to the same message again', async () => {
    const userId = await newUser(shop)
    const ask = (messageId: number, minutes: number) =>
      claimExport(shop.db, { userId, messageId, now: new Date(Date.UTC(2030, 0, 1) + minutes * 60_000) })
    expect(await ask(1, 0)).toEqual({ status: 'claimed' })
    expect(await ask(1, 1)).toEqual({ status: 'claimed' })
    expect(await ask(2, 30)).toMatchObject({ status: 'too_soon' })
    expect(await ask(3, 62)).toEqual({ status: 'claimed' })
    const atOnce = await Promise.all([ask(4, 200), ask(5, 200), ask(6, 200)])
    expect(atOnce.filter(({ status }) => status === 'claimed')).toHaveLength(1)
  })
})

describe('the retention time', () => {
  test('empties what is older, once, and never what is still to be sent', async () => {
    const userId = await newUser(shop)
    await giveCredits(shop, userId, 10)
    await spend(shop, userId, 1)
    await deliver(userId)
    await spend(shop, userId, 1)
    const inDays = (days: number) => new Date(Date.now() + days * DAY_MS)
    const bodies = async () => {
      const messages = await shop.db.message.findMany({ where: { userId }, orderBy: { id: 'asc' } })
      return messages.map(({ text }) => text)
    }
    await blankOldMessages(shop.db, { days: 0, now: inDays(9_999) })
    await blankOldMessages(shop.db, { days: 30, now: inDays(29) })
    expect(await bodies()).toEqual(['hello', 'hello'])
    await blankOldMessages(shop.db, { days: 30, now: inDays(31) })
    expect(await bodies()).toEqual([null, 'hello'])
    await deliver(userId)
    await blankOldMessages(shop.db, { days: 30, now: inDays(32) })
    expect(await bodies()).toEqual([null, null])
    expect(await blankOldMessages(shop.db, { days: 30, now: inDays(33) })).toBe(0)
  })
})
