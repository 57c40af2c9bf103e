import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { countUsers } from '#core/analytics/count-users.ts'
import { listDayFigures } from '#core/analytics/day-figures.ts'
import { createHomeReader } from '#core/analytics/home-reader.ts'
import { listActivity } from '#core/analytics/list-activity.ts'
import { listTroubles } from '#core/analytics/list-troubles.ts'
import { readQueues } from '#core/analytics/read-queues.ts'
import { readSetup } from '#core/analytics/read-setup.ts'
import { readToday } from '#core/analytics/read-today.ts'
import { listWaiting, readWaiting } from '#core/analytics/waiting.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const now = new Date('2026-11-21T10:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ago = (ms: number) => new Date(now.getTime() - ms)

let db: TestDatabase

beforeAll(async () => {
  db = await createTestDatabase()
})
beforeEach(async () => {
  await createUser(1n, { firstName: 'Maria', createdAt: ago(72 * HOUR) })
  await createUser(2n, { firstName: 'Tom', createdAt: ago(2 * HOUR) })
})
afterEach(async () => {
  for (const table of [
    'refunds',
    'disputes',
    'payments',
    'subscriptions',
    'products',
    'outbox',
    'inbox',
    'alerts',
    'messages',
    'conversations',
    'users',
  ]) {
    await db.pool.query(`DELETE FROM ${table}`)
  }
})
afterAll(() => db.close())

const createUser = (id: bigint, { firstName = 'Somebody', createdAt = now } = {}) =>
  db.prisma.user.create({ data: { id, firstName, createdAt } })

let sessions = 0
const pay = (
  amountMinor: number,
  createdAt: Date,
  other: { currency?: string; state?: 'granted' | 'quarantined'; refundedMinor?: number } = {},
) => {
  sessions += 1
  const data = { currency: 'usd', state: 'granted' as const, ...other, amountMinor, createdAt, userId: 1n }
  return db.prisma.payment.create({ data: { ...data, sessionId: `cs_${sessions}`, livemode: false } })
}

const say = (
  userId: bigint,
  createdAt: Date,
  data: { direction?: 'in' | 'out'; kind?: string; text?: string; albumId?: string } = {},
) =>
  db.prisma.message.create({
    data: { botId: 9n, userId, direction: 'in', kind: 'text', content: {}, ...data, createdAt },
  })

const converse = (userId: bigint, data: Record<string, Date | number | bigint | string>) =>
  db.prisma.conversation.create({ data: { userId, ...data } })

test('today counts from midnight UTC and is held against yesterday until the same time', async () => {
  await pay(1000, ago(10 * HOUR))
  await pay(700, ago(10 * HOUR + 1))
  await pay(50, ago(23 * HOUR))
  await pay(5, now, { currency: 'eur' })
  await pay(9, now, { state: 'quarantined' })
  await say(1n, ago(HOUR))
  await say(1n, ago(HOUR), { direction: 'out' })
  await say(1n, ago(25 * HOUR))
  await say(1n, ago(35 * HOUR))
  const today = await readToday(db.prisma, { now, currency: 'usd' })
  expect(today).toMatchObject({
    revenueMinor: { today: 1000, yesterday: 0 },
    messages: { today: 2, yesterday: 1 },
    newUsers: { today: 1, yesterday: 0 },
  })
})

test('money in other currencies is told by itself: none of it is lost, and none is added to the wrong sum', async () => {
  await pay(1000, ago(HOUR))
  await pay(2500, ago(HOUR), { currency: 'xtr' })
  await pay(500, ago(2 * HOUR), { currency: 'xtr', refundedMinor: 100 })
  await pay(300, ago(HOUR), { currency: 'eur', refundedMinor: 300 })
  await pay(900, ago(HOUR), { currency: 'gbp', state: 'quarantined' })
  await pay(800, ago(11 * HOUR), { currency: 'xtr' })
  const { revenueMinor, otherRevenue } = await readToday(db.prisma, { now, currency: 'usd' })
  expect(revenueMinor.today).toBe(1000)
  expect(otherRevenue).toEqual([{ currency: 'xtr', amountMinor: 2900 }])
})

test('what was given back is no revenue, and counts on the day of its payment', async () => {
  await pay(1000, ago(HOUR), { refundedMinor: 400 })
  await pay(700, ago(11 * HOUR), { refundedMinor: 700 })
  await pay(300, ago(12 * HOUR))
  const { revenueMinor } = await readToday(db.prisma, { now, currency: 'usd' })
  const [yesterday] = await listDayFigures(db.prisma, { now, days: 1, currency: 'usd' })
  expect({ today: revenueMinor.today, yesterday: yesterday?.revenueMinor }).toEqual({ today: 600, yesterday: 300 })
})

test('active users are those who wrote within 24 hours, not those who were only written to', async () => {
  await converse(1n, { lastMessageAt: ago(HOUR), lastMessageMinute: ago(HOUR), lastUserMessageAt: ago(23 * HOUR) })
  await converse(2n, { lastMessageAt: ago(HOUR), lastMessageMinute: ago(HOUR), lastUserMessageAt: ago(25 * HOUR) })
  expect((await readToday(db.prisma, { now, currency: 'usd' })).activeUsers).toBe(1)
})

test('past days come without gaps, oldest first, and without today', async () => {
  await pay(300, ago(11 * HOUR))
  await pay(4, ago(60 * HOUR))
  await say(1n, ago(11 * HOUR))
  await say(1n, ago(12 * HOUR))
  await say(2n, ago(12 * HOUR), { direction: 'out' })
  await say(2n, ago(HOUR))
  const days = await listDayFigures(db.prisma, { now, days: 3, currency: 'usd' })
  expect(days).toEqual([
    { day: new Date('2026-11-18T00:00:00Z'), revenueMinor: 4, messages: 0, activeUsers: 0 },
    { day: new Date('2026-11-19T00:00:00Z'), revenueMinor: 0, messages: 0, activeUsers: 0 },
    { day: new Date('2026-11-20T00:00:00Z'), revenueMinor: 300, messages: 3, activeUsers: 1 },
  ])
})

test('sums beyond 32 bits are exact', async () => {
  await pay(2_000_000_000, ago(HOUR))
  await pay(2_000_000_001, ago(HOUR))
  expect((await readToday(db.prisma, { now, currency: 'usd' })).revenueMinor.today).toBe(4_000_000_001)
})

test('people who wait are counted by how long, and the oldest come first', async () => {
  await createUser(3n)
  await createUser(4n)
  await converse(1n, { waitingSince: ago(30 * HOUR), unread: 3, preview: 'hello' })
  await converse(2n, { waitingSince: ago(10 * MINUTE) })
  await converse(3n, { waitingSince: ago(50 * HOUR), archivedAt: now })
  await converse(4n, { lastMessageAt: now })
  expect(await readWaiting(db.prisma, { now })).toEqual({ count: 2, since: ago(30 * HOUR), byAge: [1, 0, 0, 1] })
  const oldest = await listWaiting(db.prisma, { limit: 5 })
  expect(oldest).toMatchObject([{ userId: 1n, firstName: 'Maria', unread: 3, preview: 'hello' }, { userId: 2n }])
  expect(await listWaiting(db.prisma, { limit: 1 })).toHaveLength(1)
})

test('an album is one message: in the figures, among what happened, and to those who see that somebody waits', async () => {
  await say(2n, ago(25 * HOUR), { kind: 'photo', albumId: 'a' })
  await say(2n, ago(25 * HOUR), { kind: 'photo', albumId: 'a' })
  await say(1n, ago(2 * HOUR), { text: 'Look' })
  await say(1n, ago(HOUR), { kind: 'photo', albumId: 'b' })
  await say(1n, ago(HOUR), { kind: 'video', albumId: 'b', text: 'Us at the lake' })
  await converse(1n, { waitingSince: ago(HOUR), preview: 'Us at the lake' })
  const [yesterday] = await listDayFigures(db.prisma, { now, days: 1, currency: 'usd' })
  const { messages } = await readToday(db.prisma, { now, currency: 'usd' })
  expect({ ...messages, before: yesterday?.messages }).toEqual({ today: 2, yesterday: 1, before: 1 })
  const said = (await listActivity(db.prisma, { limit: 9 })).filter(({ what }) => what === 'message-in')
  expect(said).toMatchObject([
    { kind: 'album', text: 'Us at the lake' },
    { kind: 'text', text: 'Look' },
    { kind: 'album', text: null },
  ])
  expect(await listWaiting(db.prisma, { limit: 1 })).toMatchObject([{ kind: 'album', preview: 'Us at the lake' }])
})

test('whoever waits after a message without words is shown by its kind, also when words would look the same', async () => {
  await say(1n, ago(HOUR), { kind: 'voice' })
  await say(2n, ago(MINUTE), { text: 'voice' })
  await converse(1n, { waitingSince: ago(HOUR), preview: 'voice' })
  await converse(2n, { waitingSince: ago(MINUTE), preview: 'voice' })
  expect(await listWaiting(db.prisma, { limit: 2 })).toMatchObject([
    { kind: 'voice', preview: null },
    { kind: 'text', preview: 'voice' },
  ])
})

test('queues count what is open and what was given up, and say since when', async () => {
  await db.prisma.inboxUpdate.createMany({
    data: [
      { botId: 9n, updateId: 1n, lane: 'a', payload: {}, receivedAt: ago(MINUTE) },
      { botId: 9n, updateId: 2n, lane: 'a', payload: {}, doneAt: now },
      { botId: 9n, updateId: 3n, lane: 'a', payload: {}, deadAt: now },
    ],
  })
  await db.prisma.outboxItem.createMany({
    data: [
      { lane: 'a', purpose: 'notice', payload: {}, createdAt: ago(HOUR) },
      { lane: 'a', purpose: 'notice', payload: {}, state: 'sending' },
      { lane: 'a', purpose: 'notice', payload: {}, state: 'dead' },
    ],
  })
  expect(await readQueues(db.prisma)).toEqual({
    inbox: { open: 1, since: ago(MINUTE), dead: 1 },
    outbox: { open: 2, since: ago(HOUR), dead: 1 },
    stripe: { open: 0, since: null, dead: 0 },
  })
})

test('trouble is open alerts, urgent ones first, money that was not granted, and whose messages were given up', async () => {
  await db.prisma.alert.createMany({
    data: [
      { key: 'late', severity: 'warning', title: 'Late', detail: 'x', lastAt: now },
      { key: 'dead', severity: 'urgent', title: 'Dead', detail: 'x', lastAt: ago(HOUR) },
      { key: 'over', severity: 'urgent', title: 'Over', detail: 'x', resolvedAt: now },
    ],
  })
  await pay(100, now)
  await pay(200, now, { state: 'quarantined' })
  await converse(1n, { topicChatId: -100n, topicThreadId: 7n })
  const row = { lane: 'a', purpose: 'reply', payload: {}, userId: 1n }
  await db.prisma.outboxItem.createMany({ data: [row, { ...row, state: 'dead', error: 'Bad Request: too long' }] })
  const { alerts, quarantined, undelivered } = await listTroubles(db.prisma, { limit: 10 })
  expect(alerts.map(({ key }) => key)).toEqual(['dead', 'late'])
  expect(quarantined).toMatchObject([{ amountMinor: 200, firstName: 'Maria' }])
  expect(undelivered).toMatchObject([
    { purpose: 'reply', error: 'Bad Request: too long', firstName: 'Maria', topicChatId: -100n, topicThreadId: 7n },
  ])
})

test('trouble that is not listed is counted all the same', async () => {
  const alert = { severity: 'warning' as const, title: 'x', detail: 'x' }
  await db.prisma.alert.createMany({ data: ['a', 'b', 'c'].map((key) => ({ ...alert, key })) })
  for (let payment = 0; payment < 4; payment += 1) await pay(100, now, { state: 'quarantined' })
  const { alerts, quarantined, counts } = await listTroubles(db.prisma, { limit: 2 })
  expect([alerts.length, quarantined.length, counts]).toEqual([2, 2, { alerts: 3, quarantined: 4 }])
})

test('a paid period of a subscription, which has no order, is told by the name of its plan', async () => {
  const monthly = { kind: 'subscription' as const, label: 'Monthly pass', amount: 1, priceMinor: 999, currency: 'usd' }
  const { id: productId } = await db.prisma.product.create({ data: monthly })
  const plan = { id: 'sub_1', rail: 'stripe' as const, userId: 1n, productId, status: 'active', currency: 'usd' }
  await db.prisma.subscription.create({ data: { ...plan, amountMinor: 999 } })
  const { id } = await pay(999, now)
  await db.prisma.payment.update({ where: { id }, data: { subscriptionId: 'sub_1' } })
  expect(await listActivity(db.prisma, { limit: 1 })).toMatchObject([{ what: 'purchase', label: 'Monthly pass' }])
})

test('activity mixes messages, purchases and new users by time, and shows one line of a text', async () => {
  for (let minute = 30; minute > 0; minute -= 1) await say(1n, ago(minute * MINUTE + HOUR))
  await say(1n, ago(3 * MINUTE), { text: `${'x'.repeat(200)}\nsecond line` })
  await say(2n, ago(2 * MINUTE), { direction: 'out', text: 'first\nsecond' })
  await pay(500, ago(MINUTE))
  const activity = await listActivity(db.prisma, { limit: 4 })
  expect(activity).toMatchObject([
    { what: 'purchase', firstName: 'Maria', amountMinor: 500, currency: 'usd' },
    { what: 'message-out', firstName: 'Tom', text: 'first' },
    { what: 'message-in', text: 'x'.repeat(120) },
    { what: 'message-in', at: ago(HOUR + MINUTE) },
  ])
  expect(new Set(activity.map(({ key }) => key)).size).toBe(4)
})

test('activity tells of money that was given back and of disputes, not of refunds that failed', async () => {
  const { id: paymentId } = await pay(500, ago(3 * HOUR))
  const money = { paymentId, amountMinor: 200, currency: 'usd' }
  await db.prisma.refund.createMany({
    data: [
      { ...money, id: 're_1', actor: 'stripe', status: 'succeeded', createdAt: ago(HOUR) },
      { ...money, id: 're_2', actor: 'stripe', status: 'failed', createdAt: ago(MINUTE) },
    ],
  })
  await db.prisma.dispute.create({
    data: { ...money, id: 'dp_1', amountMinor: 300, status: 'lost', reason: 'fraudulent', openedAt: ago(2 * MINUTE) },
  })
  expect(await listActivity(db.prisma, { limit: 2 })).toMatchObject([
    { what: 'dispute', stage: 'lost', firstName: 'Maria', amountMinor: 300, currency: 'usd' },
    { what: 'refund', firstName: 'Maria', amountMinor: 200, currency: 'usd' },
  ])
})

test('the first steps are done when they have really happened', async () => {
  await db.pool.query('UPDATE products SET active = false')
  const none = { groupConnected: false, product: false, message: false, sale: false }
  expect(await readSetup(db.prisma, { groupSeen: false })).toEqual(none)
  await say(1n, now, { direction: 'out' })
  await pay(1, now, { state: 'quarantined' })
  expect(await readSetup(db.prisma, { groupSeen: true })).toEqual({ ...none, groupConnected: true })
  await say(1n, now)
  await pay(1, now)
  await converse(1n, { topicChatId: -100, topicThreadId: 1 })
  expect(await readSetup(db.prisma, { groupSeen: false })).toMatchObject({
    groupConnected: true,
    message: true,
    sale: true,
  })
})

test('a new user is in the total as soon as among the new ones', async () => {
  const reader = createHomeReader(db.prisma, { currency: 'usd' })
  expect((await reader.read(now)).users).toEqual({ count: 2, exact: true })
  await createUser(3n)
  const { users, today } = await reader.read(new Date(now.getTime() + 1_000))
  expect({ total: users.count, fresh: today.newUsers.today }).toEqual({ total: 3, fresh: 2 })
})

test('few users are counted exactly', async () => {
  expect(await countUsers(db.prisma)).toEqual({ count: 2, exact: true })
})

test('many who open the home page at once share one reading, and the next one is fresh', async () => {
  const reader = createHomeReader(db.prisma, { currency: 'usd' })
  const [first, second] = await Promise.all([reader.read(now), reader.read(new Date(now.getTime() + 100))])
  expect(second).toBe(first)
  await say(1n, ago(MINUTE))
  const later = await reader.read(new Date(now.getTime() + 1_000))
  expect(first.today.messages.today).toBe(0)
  expect(later.today.messages.today).toBe(1)
  expect(later.health.parts.map(({ part }) => part)).toEqual(['database', 'migrations', 'poller'])
})
