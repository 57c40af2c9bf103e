import type { QueryConfig } from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { acceptMessages, type IncomingMessage } from '#core/conversations/accept-messages.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import { countBlocked } from '#testing/connections.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
let nextUser = 1000
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const settings = settingsSchema.parse({})
const options = { botId: 42, settings, owner: null, leaseSeconds: 15 }

function message(userId: number, messageId: number, over: Partial<IncomingMessage> = {}): IncomingMessage {
  return {
    userId,
    firstName: 'Ann',
    lastName: null,
    username: null,
    languageCode: 'en',
    albumId: null,
    preview: 'hello',
    parts: [{ messageId, kind: 'text', text: 'hello', content: { message_id: messageId, text: 'hello' } }],
    updateIds: [],
    ...over,
  }
}

async function userWith(credits: { paid?: number; bonus?: number; passSeconds?: number }): Promise<number> {
  const id = nextUser++
  await db.prisma.user.create({ data: { id: BigInt(id), firstName: 'Ann' } })
  await postEntry(db.prisma, {
    userId: BigInt(id),
    kind: 'gift',
    ref: `start:${id}`,
    paidDelta: credits.paid ?? 0,
    bonusDelta: credits.bonus ?? 0,
    passSeconds: credits.passSeconds ?? 0,
    contra: 'promotions',
    actor: 'system',
  })
  return id
}

const accept = (...messages: IncomingMessage[]) => acceptMessages(db.pool, messages, options)
const entriesOf = async (id: number) =>
  (await db.prisma.ledgerEntry.findMany({ where: { userId: BigInt(id) }, orderBy: { version: 'asc' } })).map(
    (entry) => entry.amount,
  )

describe('accepting a message', () => {
  test('charges it, stores it and owes the relay and the receipt together', async () => {
    const id = await userWith({ paid: 20 })
    const [outcome] = await accept(message(id, 7))
    expect(outcome).toMatchObject({ status: 'accepted', cost: 1, credits: 19 })
    expect(await entriesOf(id)).toEqual([20, -1])
    expect(await db.prisma.message.findMany({ where: { userId: BigInt(id) } })).toMatchObject([
      { direction: 'in', userMessageId: 7n, cost: 1, text: 'hello' },
    ])
    const owed = await db.prisma.outboxItem.findMany({ where: { userId: BigInt(id) }, orderBy: { id: 'asc' } })
    expect(owed.map((row) => row.purpose).sort()).toEqual(['receipt', 'relay'])
    expect(await db.prisma.conversation.findUnique({ where: { userId: BigInt(id) } })).toMatchObject({
      messagesIn: 1,
      unread: 1,
      preview: 'hello',
    })
  })

  test('asks for a recharge with the debit that leaves too little, and only once while one is under way', async () => {
    const id = await userWith({ paid: 20 })
    await db.prisma.account.update({ where: { userId: BigInt(id) }, data: { rechargeBelow: 18 } })
    const attempts = () => db.prisma.rechargeAttempt.findMany({ where: { userId: BigInt(id) } })
    await accept(message(id, 7))
    expect(await attempts()).toEqual([])
    await accept(message(id, 8))
    expect(await attempts()).toMatchObject([{ state: 'due' }])
    await accept(message(id, 9))
    expect(await attempts()).toMatchObject([{ state: 'due' }])
  })

  test('that costs nothing asks for no recharge, however little is left', async () => {
    const id = await userWith({ paid: 3, passSeconds: 3600 })
    await db.prisma.account.update({ where: { userId: BigInt(id) }, data: { rechargeBelow: 5 } })
    await accept(message(id, 7))
    expect(await db.prisma.rechargeAttempt.count({ where: { userId: BigInt(id) } })).toBe(0)
  })

  test('twice, one after the other, is charged once', async () => {
    const id = await userWith({ paid: 10 })
    await accept(message(id, 7))
    expect(await accept(message(id, 7))).toEqual([{ status: 'duplicate' }])
    expect(await entriesOf(id)).toEqual([10, -1])
  })

  test('ten times at the same moment is charged once', async () => {
    const id = await userWith({ paid: 11 })
    await accept(message(id, 6))
    const lock = await db.pool.connect()
    // All of them have looked for the message, and none has found it, when the first may go on.
    await lock.query('BEGIN')
    await lock.query('SELECT 1 FROM accounts WHERE user_id = $1 FOR UPDATE', [id])
    const racing = Promise.all(Array.from({ length: 10 }, () => accept(message(id, 7))))
    await vi.waitFor(async () => expect(await countBlocked(db.pool)).toBe(10), { timeout: 10_000 })
    await lock.query('COMMIT')
    lock.release()
    const statuses = (await racing).flat().map((outcome) => outcome.status)
    expect(statuses.toSorted()).toEqual(['accepted', ...Array.from({ length: 9 }, () => 'duplicate')])
    expect(await entriesOf(id)).toEqual([11, -1, -1])
  })

  test('64 racing messages on a balance of 10 are accepted exactly 10 times', async () => {
    const id = await userWith({ paid: 10 })
    const outcomes = await Promise.all(Array.from({ length: 64 }, (_, index) => accept(message(id, index + 1))))
    const statuses = outcomes.flat().map((outcome) => outcome.status)
    expect(statuses.filter((status) => status === 'accepted')).toHaveLength(10)
    expect(statuses.filter((status) => status === 'insufficient')).toHaveLength(54)
    expect(await db.prisma.account.findUnique({ where: { userId: BigInt(id) } })).toMatchObject({ paid: 0, bonus: 0 })
    expect(await db.prisma.message.count({ where: { userId: BigInt(id) } })).toBe(10)
  })

  test('overlapping batches in opposite order never lock each other out, of new and of renamed people neither', async () => {
    const known = await Promise.all(Array.from({ length: 20 }, () => userWith({ paid: 10 })))
    const unknown = Array.from({ length: 20 }, () => nextUser++)
    const refused: unknown[] = []
    const query = (config: QueryConfig) =>
      db.pool.query(config).catch((error: unknown) => {
        refused.push(error)
        throw error
      })
    const sql = Object.assign(Object.create(db.pool) as typeof db.pool, { query })
    const rounds = Array.from({ length: 10 }, (_, round) => {
      const batch = [...known, ...unknown].map((id) =>
        message(id, round + 1, id % 2 ? {} : { firstName: `Ann ${round}` }),
      )
      return acceptMessages(sql, round % 2 ? batch.reverse() : batch, options)
    })
    const outcomes = (await Promise.all(rounds)).flat()
    expect(outcomes.filter(({ status }) => status === 'accepted')).toHaveLength(200)
    expect(refused).toEqual([])
  })

  test('without enough credits leaves nothing behind and says what it costs', async () => {
    const id = await userWith({ paid: 2 })
    const voice = message(id, 9, { parts: [{ messageId: 9, kind: 'voice', text: null, content: {} }] })
    expect(await accept(voice)).toEqual([{ status: 'insufficient', cost: 5, credits: 2, passUntil: null }])
    expect(await entriesOf(id)).toEqual([2])
    expect(await db.prisma.message.count({ where: { userId: BigInt(id) } })).toBe(0)
    expect(await db.prisma.outboxItem.count({ where: { userId: BigInt(id) } })).toBe(0)
  })

  test('is free during a pass and costs again after it', async () => {
    const id = await userWith({ paid: 3, passSeconds: 3600 })
    expect(await accept(message(id, 1))).toMatchObject([{ status: 'accepted', cost: 0, credits: 3 }])
    await db.prisma.account.update({ where: { userId: BigInt(id) }, data: { passUntil: new Date(Date.now() - 1000) } })
    expect(await accept(message(id, 2))).toMatchObject([{ status: 'accepted', cost: 1, credits: 2 }])
  })

  test('spends bonus credits before paid ones', async () => {
    const id = await userWith({ paid: 4, bonus: 2 })
    const photo = message(id, 1, { parts: [{ messageId: 1, kind: 'photo', text: null, content: {} }] })
    expect(await accept(photo)).toMatchObject([{ status: 'accepted', cost: 3, credits: 3 }])
    expect(await db.prisma.ledgerEntry.findFirst({ where: { userId: BigInt(id), kind: 'spend' } })).toMatchObject({
      paidDelta: -1,
      bonusDelta: -2,
      balanceAfter: 3,
    })
  })

  test('is paid with bonus credits alone where there are no others', async () => {
    const id = await userWith({ bonus: 2 })
    expect(await accept(message(id, 1))).toMatchObject([{ status: 'accepted', cost: 1, credits: 1 }])
  })

  test('to another bot is another message, though Telegram counts both from one', async () => {
    const id = await userWith({ paid: 10 })
    await accept(message(id, 1))
    const toAnother = () => acceptMessages(db.pool, [message(id, 1)], { ...options, botId: 43 })
    expect(await toAnother()).toMatchObject([{ status: 'accepted', credits: 8 }])
    expect(await toAnother()).toEqual([{ status: 'duplicate' }])
  })

  test('warns about low credits once, at the crossing', async () => {
    const id = await userWith({ paid: 12 })
    for (const messageId of [1, 2, 3, 4]) await accept(message(id, messageId))
    const notices = await db.prisma.outboxItem.findMany({ where: { userId: BigInt(id), purpose: 'notice' } })
    expect(notices.map((row) => row.payload)).toMatchObject([{ text: 'notice-low-credits', args: { credits: 10 } }])
  })

  test('of a banned user is not charged', async () => {
    const id = await userWith({ paid: 10 })
    await db.prisma.user.update({ where: { id: BigInt(id) }, data: { bannedAt: new Date() } })
    expect(await accept(message(id, 1))).toEqual([{ status: 'banned' }])
    expect(await entriesOf(id)).toEqual([10])
  })

  test('of an unknown person creates the person and asks for credits', async () => {
    const id = nextUser++
    expect(await accept(message(id, 1, { firstName: '<b>Ünï🙂', username: 'uni' }))).toMatchObject([
      { status: 'insufficient', cost: 1, credits: 0 },
    ])
    expect(await db.prisma.user.findUnique({ where: { id: BigInt(id) } })).toMatchObject({ firstName: '<b>Ünï🙂' })
  })

  test('keeps names up to date', async () => {
    const id = await userWith({ paid: 10 })
    await accept(message(id, 1, { firstName: 'Anna' }))
    expect(await db.prisma.user.findUnique({ where: { id: BigInt(id) } })).toMatchObject({ firstName: 'Anna' })
  })

  test('shows that somebody who had stopped the bot is back, under the name they always had', async () => {
    const id = await userWith({ paid: 10 })
    await accept(message(id, 1))
    await db.prisma.user.update({ where: { id: BigInt(id) }, data: { blockedAt: new Date() } })
    await accept(message(id, 2))
    expect(await db.prisma.user.findUnique({ where: { id: BigInt(id) } })).toMatchObject({ blockedAt: null })
  })

  test('opens a closed conversation again, and who waits has waited since their first message', async () => {
    const id = await userWith({ paid: 10 })
    const conversation = () => db.prisma.conversation.findUniqueOrThrow({ where: { userId: BigInt(id) } })
    await accept(message(id, 1))
    const { waitingSince } = await conversation()
    expect(waitingSince).not.toBeNull()
    await db.prisma.conversation.update({
      where: { userId: BigInt(id) },
      data: { closedAt: new Date(), archivedAt: new Date() },
    })
    await accept(message(id, 2))
    expect(await conversation()).toMatchObject({ waitingSince, unread: 2, closedAt: null, archivedAt: null })
  })
})

describe('accepting an album', () => {
  const album = (userId: number, ids: number[], kinds: string[]) =>
    message(userId, 0, {
      albumId: 'g1',
      parts: ids.map((messageId, index) => ({ messageId, kind: kinds[index] ?? 'photo', text: null, content: {} })),
    })

  test('charges the dearest part once and keeps the order', async () => {
    const id = await userWith({ paid: 10 })
    expect(await accept(album(id, [5, 6, 7], ['photo', 'video', 'photo']))).toMatchObject([
      { status: 'accepted', cost: 5, credits: 5 },
    ])
    const relay = await db.prisma.outboxItem.findFirstOrThrow({ where: { userId: BigInt(id), purpose: 'relay' } })
    const stored = await db.prisma.message.findMany({ where: { userId: BigInt(id) }, orderBy: { id: 'asc' } })
    expect(stored.map((row) => row.userMessageId)).toEqual([5n, 6n, 7n])
    expect(relay.payload).toMatchObject({ messageIds: stored.map((row) => String(row.id)) })
    const conversation = await db.prisma.conversation.findUnique({ where: { userId: BigInt(id) } })
    expect(conversation).toMatchObject({ messagesIn: 3, unread: 3 })
  })

  test('notes the charge on the first part alone, in whatever order they come', async () => {
    const id = await userWith({ paid: 10 })
    await accept(album(id, [7, 5, 6], ['photo', 'video', 'photo']))
    const stored = await db.prisma.message.findMany({ where: { userId: BigInt(id) }, orderBy: { id: 'asc' } })
    expect(stored.map(({ userMessageId, cost }) => [userMessageId, cost])).toEqual([
      [5n, 5],
      [6n, 0],
      [7n, 0],
    ])
  })

  test('takes late parts for free', async () => {
    const id = await userWith({ paid: 10 })
    await accept(album(id, [5, 6], ['photo', 'photo']))
    expect(await accept(album(id, [6, 7], ['photo', 'photo']))).toMatchObject([{ status: 'accepted', cost: 0 }])
    expect(await entriesOf(id)).toEqual([10, -3])
    expect(await db.prisma.message.count({ where: { userId: BigInt(id) } })).toBe(3)
  })

  test('costs what all parts cost together where the settings say so, late ones too', async () => {
    const id = await userWith({ paid: 30 })
    const sum = { ...options, settings: { ...settings, albumPrice: 'sum' as const } }
    expect(await acceptMessages(db.pool, [album(id, [5, 6], ['photo', 'video'])], sum)).toMatchObject([{ cost: 8 }])
    expect(await acceptMessages(db.pool, [album(id, [6, 7], ['video', 'photo'])], sum)).toMatchObject([{ cost: 3 }])
    expect(await entriesOf(id)).toEqual([30, -8, -3])
  })
})

describe('the ledger', () => {
  test('refuses every change of what was booked', async () => {
    const id = await userWith({ paid: 1 })
    await expect(db.pool.query('UPDATE ledger_entries SET amount = 5 WHERE user_id = $1', [id])).rejects.toThrow(
      'append-only',
    )
    await expect(db.pool.query('DELETE FROM ledger_entries')).rejects.toThrow('append-only')
    await expect(db.pool.query('TRUNCATE ledger_entries CASCADE')).rejects.toThrow('append-only')
  })

  test('books a reference once, however many ask at once', async () => {
    const id = BigInt(await userWith({}))
    const book = () =>
      postEntry(db.prisma, {
        userId: id,
        kind: 'purchase',
        ref: 'order:1',
        paidDelta: 25,
        contra: 'sales',
        actor: 'stripe',
      })
    const results = await Promise.all(Array.from({ length: 12 }, book))
    expect(results.filter((result) => result.status === 'posted')).toMatchObject([{ balance: 25, passUntil: null }])
  })

  test('lets passes extend each other', async () => {
    const id = BigInt(await userWith({ passSeconds: 2 * 86_400 }))
    await postEntry(db.prisma, {
      userId: id,
      kind: 'purchase',
      ref: 'order:2',
      passSeconds: 2 * 86_400,
      contra: 'sales',
      actor: 'stripe',
    })
    const { passUntil } = await db.prisma.account.findUniqueOrThrow({ where: { userId: id } })
    const days = ((passUntil?.getTime() ?? 0) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(3.99)
    expect(days).toBeLessThan(4.01)
  })

  test('refuses a balance below zero', async () => {
    const id = BigInt(await userWith({ paid: 1 }))
    await expect(
      postEntry(db.prisma, {
        userId: id,
        kind: 'adjustment',
        ref: 'x',
        paidDelta: -2,
        contra: 'corrections',
        actor: 'team:1',
      }),
    ).rejects.toThrow()
  })
})
