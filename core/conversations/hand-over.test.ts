import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { acceptMessages, type IncomingMessage } from '#core/conversations/accept-messages.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const BOT = 42
const USER = 1n
const SOMEBODY_ELSE = 2n

let db: TestDatabase
let nextMessage = 1
beforeAll(async () => {
  db = await createTestDatabase()
  for (const userId of [USER, SOMEBODY_ELSE]) {
    await db.prisma.user.create({ data: { id: userId, firstName: 'Ann' } })
    const gift = { kind: 'gift', ref: `start:${userId}`, contra: 'promotions', actor: 'system' } as const
    await postEntry(db.prisma, { userId, paidDelta: 100, ...gift })
  }
})
beforeEach(() => db.pool.query('DELETE FROM outbox'))
afterAll(() => db.close())

/** Accepts one more message of the user, for a worker that would send it itself. */
async function write({ owner = 'me', over = {} }: { owner?: string | null; over?: Partial<IncomingMessage> } = {}) {
  const messageId = nextMessage++
  const message: IncomingMessage = {
    userId: Number(USER),
    firstName: 'Ann',
    lastName: null,
    username: null,
    languageCode: null,
    albumId: null,
    preview: 'hello',
    parts: [{ messageId, kind: 'text', text: 'hello', content: {} }],
    updateIds: [],
    ...over,
  }
  const options = { botId: BOT, settings: settingsSchema.parse({}), owner, leaseSeconds: 15 }
  const [outcome] = await acceptMessages(db.pool, [message], options)
  return outcome
}

const leasedToUs = { status: 'accepted', leased: { relayId: expect.any(BigInt), receiptId: expect.any(BigInt) } }
const leftToBeClaimed = { status: 'accepted', leased: null }

const owe = (lane: string, state: string, owner: string | null) =>
  db.pool.query(
    `INSERT INTO outbox (lane, purpose, priority, payload, state, owner, lease_until)
     VALUES ($1, 'card', 1, '{}', $2::outbox_state, $3, now() + interval '15 seconds')`,
    [lane, state, owner],
  )

test('a message is handed to the worker that accepted it when nothing else is owed', async () => {
  expect(await write()).toMatchObject(leasedToUs)
})

test.each([
  ['waits', 'pending', null],
  ['may have been sent already', 'unknown', null],
  ['is being sent by another worker', 'sending', 'another'],
  ['is being sent by yet another worker', 'sending', 'zoe'],
])('it is left to be claimed in order while an older one of the same person %s', async (_, state, owner) => {
  for (const lane of [`topic:${USER}`, `chat:${USER}`]) {
    await db.pool.query('DELETE FROM outbox')
    await owe(lane, state, owner)
    expect(await write(), lane).toMatchObject(leftToBeClaimed)
  }
})

test('what the same worker holds, what is given up and what is owed to others does not stand in its way', async () => {
  await owe(`topic:${USER}`, 'sending', 'me')
  await owe(`chat:${USER}`, 'dead', null)
  await owe(`topic:${SOMEBODY_ELSE}`, 'pending', null)
  await owe(`chat:${SOMEBODY_ELSE}`, 'sending', 'another')
  expect(await write()).toMatchObject(leasedToUs)
})

test('it is left to be claimed when nobody is there to take it, also when nothing else is owed', async () => {
  for (const elsewhere of [false, true]) {
    if (elsewhere) await owe(`topic:${SOMEBODY_ELSE}`, 'pending', null)
    expect(await write({ owner: null })).toMatchObject(leftToBeClaimed)
    const { rows } = await db.pool.query(`SELECT DISTINCT state, owner FROM outbox WHERE user_id = $1`, [USER])
    expect(rows).toEqual([{ state: 'pending', owner: null }])
    await db.pool.query('DELETE FROM outbox')
  }
})

test('the updates of a message are closed with its charge, and those of a refused one and of other bots are not', async () => {
  const update = (botId: number, updateId: number) =>
    db.pool.query(`INSERT INTO inbox (bot_id, update_id, lane, payload) VALUES ($1, $2, '1', '{"a": 1}')`, [
      botId,
      updateId,
    ])
  for (const updateId of [1, 2, 3]) await update(BOT, updateId)
  await update(BOT + 1, 1)
  await write({ over: { updateIds: [1, 2] } })
  const dear = Array.from({ length: 3 }, (_, index) => ({
    messageId: 1_000 + index,
    kind: 'video',
    text: null,
    content: {},
  }))
  await db.prisma.account.update({ where: { userId: USER }, data: { paid: 1 } })
  expect(await write({ over: { parts: dear, updateIds: [3] } })).toMatchObject({ status: 'insufficient' })
  const { rows } = await db.pool.query(
    'SELECT bot_id, update_id, done_at IS NOT NULL AS done, payload FROM inbox ORDER BY bot_id, update_id',
  )
  expect(rows).toEqual([
    { bot_id: '42', update_id: '1', done: true, payload: null },
    { bot_id: '42', update_id: '2', done: true, payload: null },
    { bot_id: '42', update_id: '3', done: false, payload: { a: 1 } },
    { bot_id: '43', update_id: '1', done: false, payload: { a: 1 } },
  ])
})
