import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { acceptMessages, type IncomingMessage } from '#core/conversations/accept-messages.ts'
import { deliverKeptMessages } from '#core/kept-messages/deliver-kept-messages.ts'
import { dropKeptMessage, forgetKeptMessages } from '#core/kept-messages/drop-kept-message.ts'
import { editKeptMessage } from '#core/kept-messages/edit-kept-message.ts'
import { KEPT_HOURS, keepMessage, MOST_KEPT } from '#core/kept-messages/keep-message.ts'
import { giveGift } from '#core/ledger/give-gift.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import { markBlocked } from '#core/users/mark-blocked.ts'
import { registerUser } from '#core/users/register-user.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { newContent } from '#testing/payments/content.ts'
import { grantPayment } from '#testing/payments/granted-payment.ts'
import { payOrder } from '#testing/payments/pay-order.ts'

const BOT_ID = 42
const HOUR_MS = 3_600_000
const settings = settingsSchema.parse({ receipts: 'off' })

let db: TestDatabase
let lastUser = 6_000n
beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(async () => expect(await verifyLedger(db.pool)).toEqual([]))
afterAll(() => db.close())

async function newUser(): Promise<bigint> {
  lastUser += 1n
  await registerUser(db.prisma, { id: lastUser, firstName: 'Ann', lastName: null, username: null, languageCode: 'en' })
  return lastUser
}

function message(userId: bigint, messageId: number, kinds: string[] = ['text']): IncomingMessage {
  const part = (kind: string, index: number) => ({
    messageId: messageId + index,
    kind,
    text: `text ${messageId + index}`,
    content: { message_id: messageId + index, text: `text ${messageId + index}` },
  })
  return {
    userId: Number(userId),
    firstName: 'Ann',
    lastName: null,
    username: null,
    languageCode: 'en',
    albumId: kinds.length > 1 ? `album-${messageId}` : null,
    preview: `text ${messageId}`,
    parts: kinds.map(part),
    updateIds: [],
  }
}

async function keep(incoming: IncomingMessage, { cost = 1, now = new Date() } = {}) {
  const { keptId } = await keepMessage(db.prisma, { botId: BOT_ID, message: incoming, cost, now })
  return keptId
}

const give = (userId: bigint, credits: number, ref = 'gift') =>
  postEntry(db.prisma, {
    userId,
    kind: 'gift',
    ref: `${ref}:${userId}`,
    paidDelta: credits,
    contra: 'promotions',
    actor: 'system',
  })
const deliver = (userId: bigint) => deliverKeptMessages(db.pool, { userId: String(userId), settings })
const accept = async (incoming: IncomingMessage) => {
  const [outcome] = await acceptMessages(db.pool, [incoming], {
    botId: BOT_ID,
    settings,
    owner: null,
    leaseSeconds: 15,
  })
  return outcome?.status
}
const arrived = async (userId: bigint) =>
  (await db.prisma.message.findMany({ where: { userId }, orderBy: { id: 'asc' } })).map(({ userMessageId, cost }) => [
    Number(userMessageId),
    cost,
  ])
const waiting = (userId: bigint) => db.prisma.keptMessage.count({ where: { userId, endedAt: null } })
const owedSendings = (userId: bigint) => db.prisma.outboxItem.count({ where: { userId, purpose: 'kept' } })

describe('after credits came in', () => {
  test('what waited goes out in its order, each charged once, albums whole', async () => {
    const userId = await newUser()
    await keep(message(userId, 1))
    await keep(message(userId, 2, ['photo', 'video', 'photo']))
    await keep(message(userId, 9))
    await give(userId, 20)
    expect(await deliver(userId)).toEqual({ sent: 3, waiting: null })
    expect(await arrived(userId)).toEqual([
      [1, 1],
      [2, 5],
      [3, 0],
      [4, 0],
      [9, 1],
    ])
    const relays = await db.prisma.outboxItem.findMany({ where: { userId, purpose: 'relay' }, orderBy: { id: 'asc' } })
    expect(relays.map(({ payload }) => (payload as { messageIds: string[] }).messageIds.length)).toEqual([1, 3, 1])
    expect(await deliver(userId)).toEqual({ sent: 0, waiting: null })
  })

  test('as far as they reach; the rest waits in its place', async () => {
    const userId = await newUser()
    await keep(message(userId, 1))
    await keep(message(userId, 2, ['voice']), { cost: 5 })
    await keep(message(userId, 3))
    await give(userId, 4)
    expect(await deliver(userId)).toEqual({ sent: 1, waiting: { cost: 5, credits: 3 } })
    expect(await arrived(userId)).toEqual([[1, 1]])
    await give(userId, 3, 'second')
    expect(await deliver(userId)).toEqual({ sent: 2, waiting: null })
    expect((await arrived(userId)).map(([id]) => id)).toEqual([1, 2, 3])
  })

  test('with a pass it costs nothing', async () => {
    const userId = await newUser()
    await keep(message(userId, 1))
    await postEntry(db.prisma, {
      userId,
      kind: 'purchase',
      ref: `pass:${userId}`,
      passSeconds: 3600,
      contra: 'sales',
      actor: 'stripe',
    })
    expect(await deliver(userId)).toEqual({ sent: 1, waiting: null })
    expect(await arrived(userId)).toEqual([[1, 0]])
  })

  test('the sending is owed in the same transaction, by a gift too, and by nothing else', async () => {
    const [userId, other] = [await newUser(), await newUser()]
    await give(other, 5)
    expect(await owedSendings(other)).toBe(0)
    await keep(message(userId, 1))
    const actor = { id: 1n, name: 'Olivia', role: 'owner' } as const
    await giveGift(db.prisma, { userId, credits: 5, reason: 'hello', ref: `gift-${userId}`, actor })
    expect(await owedSendings(userId)).toBe(1)
    await db.prisma
      .$transaction(async (tx) => {
        await postEntry(tx, { userId, kind: 'gift', ref: 'x', paidDelta: 1, contra: 'promotions', actor: 'system' })
        throw new Error('never mind')
      })
      .catch(() => undefined)
    expect(await owedSendings(userId)).toBe(1)
  })
})

test.each([
  ['credits', { kind: 'credits', amount: 10 }],
  ['time', { kind: 'time', amount: 3_600 }],
] as const)('a purchase of %s owes the sending of what waited for it', async (_, product) => {
  const userId = await newUser()
  await keep(message(userId, 1))
  await grantPayment(db.prisma, { userId, product: { ...product, bonus: 0 } })
  expect(await owedSendings(userId)).toBe(1)
  expect(await deliver(userId)).toEqual({ sent: 1, waiting: null })
})

test('a purchase of content, which pays for no message, owes nothing', async () => {
  const userId = await newUser()
  await keep(message(userId, 1))
  const { product } = await newContent(db.prisma)
  const placed = await placeOrder(db.prisma, { userId, productId: product?.id ?? 0, now: new Date() })
  if (placed.status !== 'placed') throw new Error(placed.status)
  expect(await payOrder(db.prisma, placed.order)).toMatchObject({ status: 'granted' })
  expect(await owedSendings(userId)).toBe(0)
})

describe('exactly once', () => {
  let keeping: Promise<unknown>

  /** Whether some statement waits for another transaction. */
  const isSomebodyWaiting = async () => {
    const { rowCount } = await db.pool.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rowCount !== 0
  }

  test('two workers that send at the same moment', async () => {
    const userId = await newUser()
    for (let id = 1; id <= 5; id++) await keep(message(userId, id))
    await give(userId, 20)
    const outcomes = await Promise.all([deliver(userId), deliver(userId), deliver(userId)])
    expect(outcomes.reduce((sum, { sent }) => sum + sent, 0)).toBe(5)
    expect((await arrived(userId)).map(([id]) => id)).toEqual([1, 2, 3, 4, 5])
  })

  test('a sending that races with the same update, handed on once more', async () => {
    const userId = await newUser()
    await keep(message(userId, 1))
    await give(userId, 20)
    const [again] = await Promise.all([accept(message(userId, 1)), deliver(userId).catch(() => undefined)])
    expect(['accepted', 'duplicate']).toContain(again)
    // What lost the race is tried again, as the outbox does.
    await deliver(userId)
    expect(await arrived(userId)).toEqual([[1, 1]])
    expect(await waiting(userId)).toBe(0)
  })

  test('a sending that breaks off in the middle goes on where it was', async () => {
    const userId = await newUser()
    for (let id = 1; id <= 3; id++) await keep(message(userId, id))
    await give(userId, 20)
    await db.pool.query(`
      CREATE FUNCTION break_at_two() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN IF NEW.user_message_id = 2 THEN RAISE EXCEPTION 'broken off'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER break_at_two BEFORE UPDATE ON kept_messages FOR EACH ROW EXECUTE FUNCTION break_at_two()`)
    await expect(deliver(userId)).rejects.toThrow('broken off')
    expect(await arrived(userId)).toEqual([[1, 1]])
    await db.pool.query('DROP TRIGGER break_at_two ON kept_messages')
    expect(await deliver(userId)).toEqual({ sent: 2, waiting: null })
    expect((await arrived(userId)).map(([id]) => id)).toEqual([1, 2, 3])
  })

  test('calling back races with sending: it is one or the other', async () => {
    for (let round = 0; round < 5; round++) {
      const userId = await newUser()
      const keptId = (await keep(message(userId, 1))) ?? 0n
      await give(userId, 20)
      const [{ sent }, { status }] = await Promise.all([
        deliver(userId),
        dropKeptMessage(db.prisma, { keptId, userId, now: new Date() }),
      ])
      expect([sent, status]).toEqual(sent === 1 ? [1, 'gone'] : [0, 'dropped'])
      expect(await arrived(userId)).toHaveLength(sent)
    }
  })

  test('credits that are coming in while a message is being kept are waited for', async () => {
    const userId = await newUser()
    await db.prisma.$transaction(async (tx) => {
      const gift = { userId, kind: 'gift', ref: `late:${userId}`, contra: 'promotions', actor: 'system' } as const
      await postEntry(tx, { ...gift, paidDelta: 5 })
      const outcome = { isKept: false }
      keeping = keep(message(userId, 1)).finally(() => {
        outcome.isKept = true
      })
      while (!outcome.isKept && !(await isSomebodyWaiting())) await new Promise(setImmediate)
    })
    await keeping
    expect(await owedSendings(userId)).toBe(1)
  })

  test('credits that come in between the refusal and the keeping are noticed, whichever is first', async () => {
    for (let round = 0; round < 5; round++) {
      const userId = await newUser()
      await Promise.all([keep(message(userId, 1)), give(userId, 5)])
      expect(await owedSendings(userId)).toBeGreaterThan(0)
    }
  })
})

describe('keeping', () => {
  test('a message whose pass has begun since it was refused owes the sending at once', async () => {
    const userId = await newUser()
    const pass = { kind: 'gift', ref: `pass:${userId}`, contra: 'promotions', actor: 'system' } as const
    await postEntry(db.prisma, { userId, passSeconds: 3_600, ...pass })
    expect(await owedSendings(userId)).toBe(0)
    await keep(message(userId, 1))
    expect(await owedSendings(userId)).toBe(1)
  })

  test('a message twice keeps it once, and one that was dealt with is not kept again', async () => {
    const userId = await newUser()
    const [first, second] = await Promise.all([keep(message(userId, 1)), keep(message(userId, 1))])
    expect(second).toBe(first)
    expect(await waiting(userId)).toBe(1)
    await dropKeptMessage(db.prisma, { keptId: first ?? 0n, userId, now: new Date() })
    expect(await keep(message(userId, 1))).toBeNull()
    expect(await waiting(userId)).toBe(0)
  })

  test('the newest stay when there are too many', async () => {
    const userId = await newUser()
    for (let id = 1; id <= MOST_KEPT + 2; id++) await keep(message(userId, id))
    await give(userId, 50)
    await deliver(userId)
    expect((await arrived(userId)).map(([id]) => id)).toEqual(Array.from({ length: MOST_KEPT }, (_, i) => i + 3))
  })

  test('a message is never forgotten for those of others, nor for those that were called back', async () => {
    const [userId, other] = [await newUser(), await newUser()]
    await keep(message(userId, 1))
    for (let id = 2; id <= MOST_KEPT + 2; id++) {
      await keep(message(other, id))
      const keptId = (await keep(message(userId, id))) ?? 0n
      await dropKeptMessage(db.prisma, { keptId, userId, now: new Date() })
    }
    await keep(message(userId, 99))
    await give(userId, 50)
    await deliver(userId)
    expect((await arrived(userId)).map(([id]) => id)).toEqual([1, 99])
  })

  test('ends after a day: it is not sent, and it is forgotten', async () => {
    const userId = await newUser()
    const before = new Date(Date.now() - KEPT_HOURS * HOUR_MS)
    await keep(message(userId, 1), { now: before })
    await keep(message(userId, 2))
    await give(userId, 20)
    expect(await deliver(userId)).toEqual({ sent: 1, waiting: null })
    expect((await arrived(userId)).map(([id]) => id)).toEqual([2])
    await forgetKeptMessages(db.prisma, { now: new Date() })
    const left = await db.prisma.keptMessage.findMany({ where: { userId } })
    expect(left.map(({ userMessageId }) => Number(userMessageId))).toEqual([2])
  })

  test('somebody else’s message cannot be called back', async () => {
    const [userId, other] = [await newUser(), await newUser()]
    const keptId = (await keep(message(userId, 1))) ?? 0n
    expect(await dropKeptMessage(db.prisma, { keptId, userId: other, now: new Date() })).toEqual({ status: 'gone' })
    expect(await waiting(userId)).toBe(1)
  })
})

test('a message whose update came again and found credits waits no more, and cannot be called back', async () => {
  const userId = await newUser()
  const [photo, text] = [message(userId, 1, ['photo']), message(userId, 2)]
  await keep(photo, { cost: 3 })
  const keptId = await keep(text)
  await give(userId, 1)
  expect(await deliver(userId)).toMatchObject({ sent: 0 })
  expect(await accept(text)).toBe('accepted')
  expect(await dropKeptMessage(db.prisma, { keptId: keptId ?? 0n, userId, now: new Date() })).toEqual({
    status: 'gone',
  })
  await forgetKeptMessages(db.prisma, { now: new Date() })
  await give(userId, 10, 'more')
  expect(await deliver(userId)).toEqual({ sent: 1, waiting: null })
  expect(await arrived(userId)).toEqual([
    [2, 1],
    [1, 3],
  ])
  expect(await db.prisma.keptMessage.count({ where: { userId, endedAt: null } })).toBe(0)
})

test('what was edited while it waited goes out as it is now, in any part of an album', async () => {
  const userId = await newUser()
  await keep(message(userId, 1))
  await keep(message(userId, 2, ['photo', 'photo']))
  const edit = (messageId: number, text: string) =>
    editKeptMessage(db.prisma, {
      botId: BOT_ID,
      userId,
      part: { messageId, kind: messageId === 1 ? 'text' : 'photo', text, content: { message_id: messageId, text } },
      preview: text,
    })
  expect([await edit(1, 'newer'), await edit(3, 'caption'), await edit(7, 'nothing')]).toEqual([true, true, false])
  await give(userId, 20)
  await deliver(userId)
  const sent = await db.prisma.message.findMany({ where: { userId }, orderBy: { id: 'asc' } })
  expect(sent.map(({ text, content }) => [text, (content as { text: string }).text])).toEqual([
    ['newer', 'newer'],
    ['text 2', 'text 2'],
    ['caption', 'caption'],
  ])
  expect(await edit(1, 'too late')).toBe(false)
})

test('whoever was banned meanwhile is not charged, and nothing waits any more', async () => {
  const userId = await newUser()
  await keep(message(userId, 1))
  await give(userId, 20)
  await db.prisma.user.update({ where: { id: userId }, data: { bannedAt: new Date() } })
  expect(await deliver(userId)).toEqual({ sent: 0, waiting: null })
  expect(await arrived(userId)).toEqual([])
  expect(await waiting(userId)).toBe(0)
})

test('what goes out by itself does not make somebody reachable who stopped the bot', async () => {
  const userId = await newUser()
  await keep(message(userId, 1))
  await markBlocked(db.prisma, { userId, blocked: true, now: new Date() })
  await give(userId, 20)
  expect(await deliver(userId)).toMatchObject({ sent: 1 })
  expect((await db.prisma.user.findUniqueOrThrow({ where: { id: userId } })).blockedAt).toBeInstanceOf(Date)
})
