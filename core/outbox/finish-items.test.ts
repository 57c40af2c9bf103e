import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { acceptMessages } from '#core/conversations/accept-messages.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { done, type Finish, finishItems } from '#core/outbox/finish-items.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import { countBlocked } from '#testing/connections.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
let nextUser = 1n
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const owner = 'worker'

/** Somebody with 2 bonus and 30 paid credits who sent a photo for 3. */
async function photoOf(userId: bigint, over: { passSeconds?: number } = {}) {
  await db.prisma.user.create({ data: { id: userId, firstName: 'Ann' } })
  await postEntry(db.prisma, {
    userId,
    kind: 'gift',
    ref: `start:${userId}`,
    paidDelta: 30,
    bonusDelta: 2,
    contra: 'promotions',
    actor: 'system',
    ...over,
  })
  const part = { messageId: 5, kind: 'photo', text: null, content: { message_id: 5 } }
  const profile = { firstName: 'Ann', lastName: null, username: null, languageCode: null }
  const [outcome] = await acceptMessages(
    db.pool,
    [{ userId: Number(userId), ...profile, albumId: null, preview: '🖼', parts: [part], updateIds: [] }],
    { botId: 42, settings: settingsSchema.parse({}), owner, leaseSeconds: 15 },
  )
  if (outcome?.status !== 'accepted' || !outcome.leased) throw new Error('not accepted')
  return { relayId: String(outcome.leased.relayId), messageId: String(outcome.leased.messageIds[0]) }
}

const lostFor = (relayId: string, messageId: string): Finish => ({
  id: relayId,
  end: { status: 'dead', attempts: 1, error: 'file is gone' },
  effects: { failed: [{ messageId, failure: 'file is gone' }] },
})

const finish = (...finishes: Finish[]) => finishItems(db.pool, { owner, finishes })
const account = (userId: bigint) => db.prisma.account.findUniqueOrThrow({ where: { userId } })
const notices = (userId: bigint) =>
  db.prisma.outboxItem.findMany({ where: { userId, purpose: 'notice' }, select: { payload: true } })

describe('a message that the team can never open', () => {
  test('gives its credits back to where they came from, and its user is told', async () => {
    const userId = nextUser++
    const { relayId, messageId } = await photoOf(userId)
    expect(await account(userId)).toMatchObject({ paid: 29, bonus: 0 })
    await finish(lostFor(relayId, messageId))
    expect(await account(userId)).toMatchObject({ paid: 30, bonus: 2 })
    expect(await notices(userId)).toMatchObject([
      { payload: { text: 'notice-charge-released', args: { credits: 3, balance: 32 } } },
    ])
    expect(await verifyLedger(db.pool)).toEqual([])
  })

  test('gives them back once, however many say so at once', async () => {
    const userId = nextUser++
    const { relayId, messageId } = await photoOf(userId)
    await Promise.all(Array.from({ length: 8 }, () => finish(lostFor(relayId, messageId))))
    expect(await account(userId)).toMatchObject({ paid: 30, bonus: 2 })
    expect(await notices(userId)).toHaveLength(1)
  })

  test('gives them back to what its user holds by then, however that changed at the same moment', async () => {
    const userId = nextUser++
    const { relayId, messageId } = await photoOf(userId)
    const client = await db.pool.connect()
    try {
      await client.query('BEGIN')
      await client.query(`SELECT post_entry($1, 'gift', 'meanwhile', 5, 0, 0, 'promotions', 'test', NULL)`, [userId])
      const finished = finish(lostFor(relayId, messageId))
      await vi.waitFor(async () => expect(await countBlocked(db.pool)).toBe(1))
      await client.query('COMMIT')
      await finished
    } finally {
      client.release()
    }
    expect(await account(userId)).toMatchObject({ paid: 35, bonus: 2, version: 4 })
    expect(await verifyLedger(db.pool)).toEqual([])
  })

  test('but stands in the topic all the same keeps its charge', async () => {
    const userId = nextUser++
    const { relayId, messageId } = await photoOf(userId)
    await finish(done(relayId, { relayed: [{ messageId, chatId: -100, topicMessageId: 7 }] }))
    await finish(lostFor(relayId, messageId))
    expect(await account(userId)).toMatchObject({ paid: 29, bonus: 0 })
    expect(await notices(userId)).toEqual([])
  })

  test('and was free by a pass gives nothing back', async () => {
    const userId = nextUser++
    const { relayId, messageId } = await photoOf(userId, { passSeconds: 3600 })
    await finish(lostFor(relayId, messageId))
    expect(await account(userId)).toMatchObject({ paid: 30, bonus: 2, version: 1 })
  })
})

test('recording the same end twice, because nobody heard that it was recorded, changes nothing', async () => {
  const { relayId, messageId } = await photoOf(nextUser++)
  const sent = done(relayId, { relayed: [{ messageId, chatId: -100, topicMessageId: 8 }] })
  await finish(sent)
  await finish(sent)
  expect(await db.prisma.messagePlace.count({ where: { messageId: BigInt(messageId) } })).toBe(1)
})

test.each<Finish['end']>([
  { status: 'released' },
  { status: 'again', unknown: false, afterMs: 1_000, attempts: 1, error: 'no answer' },
  { status: 'dead', attempts: 1, error: 'refused' },
])('a row that somebody else took over is theirs: that it is $status here does not matter', async (end) => {
  const { relayId } = await photoOf(nextUser++)
  const row = () => db.prisma.outboxItem.findUniqueOrThrow({ where: { id: BigInt(relayId) } })
  await db.prisma.outboxItem.update({ where: { id: BigInt(relayId) }, data: { owner: 'another' } })
  const before = await row()
  await finish({ id: relayId, end, effects: {} })
  expect(await row()).toEqual(before)
})
