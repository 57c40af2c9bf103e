import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { claimItems } from '#core/outbox/claim-items.ts'
import { enqueueNotice } from '#core/outbox/enqueue.ts'
import { takeOverItems } from '#core/outbox/leases.ts'
import { createStage, type Stage, until } from '#testing/outbox/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createStage()
})
afterEach(() => stage.close())

const write = (userId: number, text: string) => stage.world.sendText({ userId, text })
const relayed = (userId: number) => stage.relayedLines(userId)

async function createUsers(count: number) {
  const users = []
  for (let index = 0; index < count; index++) users.push(await stage.createUser({ firstName: `User ${index}` }))
  return users
}

describe('nothing is lost', () => {
  test('while Telegram answers 500 for a long time: all arrives in order once it is well again', async () => {
    const users = await createUsers(4)
    const outbox = stage.dispatch()
    for (const user of users) await stage.accept([write(user.id, 'zero')], outbox)
    await stage.untilSent()
    stage.world.addFault({ kind: '500', times: 60 })
    for (const text of ['one', 'two', 'three']) {
      for (const user of users) await stage.accept([write(user.id, text)], outbox)
    }
    await stage.untilSent(30_000)
    for (const user of users) expect(relayed(user.id)).toEqual(['zero', 'one', 'two', 'three'])
    expect(await stage.deadRows()).toEqual([])
  })

  test('when the answer to a call is dropped: the message is sent again, and the row was unknown meanwhile', async () => {
    const [user] = await createUsers(1)
    if (!user) throw new Error('No user')
    const outbox = stage.dispatch({ backoff: () => 300 })
    await stage.accept([write(user.id, 'zero')], outbox)
    await stage.untilSent()
    stage.world.addFault({ kind: 'drop-after-accept', method: 'sendMessage' })
    await stage.accept([write(user.id, 'one')], outbox)
    await until(async () => (await stage.openRows()).some(({ state }) => state === 'unknown'))
    await stage.untilSent()
    expect(relayed(user.id)).toEqual(['zero', 'one', 'one'])
  })

  test.each(['drop-before', '502', 'garbage'] as const)('when a call ends in %s', async (kind) => {
    const [user] = await createUsers(1)
    if (!user) throw new Error('No user')
    const outbox = stage.dispatch()
    await stage.accept([write(user.id, 'zero')], outbox)
    await stage.untilSent()
    stage.world.addFault({ kind, method: 'sendMessage', times: 3 })
    await stage.accept([write(user.id, 'one')], outbox)
    await stage.untilSent()
    expect(relayed(user.id)).toEqual(['zero', 'one'])
  })

  test('when a worker dies with rows in its hands: another takes them when the leases run out', async () => {
    const users = await createUsers(3)
    for (const user of users) await stage.accept([write(user.id, 'one')])
    const dead = { owner: 'killed', leaseSeconds: 1, priorities: [-100, 100] as const, limit: 100 }
    expect((await claimItems(stage.database.pool, dead)).items).toHaveLength(3)
    for (const user of users) await stage.accept([write(user.id, 'two')])
    stage.dispatch()
    await stage.untilSent()
    for (const user of users) expect(relayed(user.id)).toEqual(['one', 'two'])
  })

  test('on a change of leader: what the old one held is taken over at once', async () => {
    const [user] = await createUsers(1)
    if (!user) throw new Error('No user')
    await stage.accept([write(user.id, 'one')])
    const leaseSeconds = 3600
    await claimItems(stage.database.pool, { owner: 'gone', leaseSeconds, priorities: [-100, 100], limit: 100 })
    await stage.dispatch({ leaseSeconds }).takeOver()
    await stage.untilSent()
    expect(relayed(user.id)).toEqual(['one'])
  })

  test('on a change of leader: what a statement of the old one leases only afterwards is taken over, what newcomers lease is not', async () => {
    const [user] = await createUsers(1)
    if (!user) throw new Error('No user')
    await stage.accept([write(user.id, 'one')])
    const leaseSeconds = 3600
    const { pool } = stage.database
    const dying = await pool.connect()
    try {
      await dying.query('BEGIN')
      await claimItems(dying, { owner: 'gone', leaseSeconds, priorities: [-100, 100], limit: 100 })
      await stage.dispatch({ leaseSeconds }).takeOver()
      await pool.query(
        `INSERT INTO outbox (lane, purpose, payload, state, owner, lease_until)
         VALUES ('team', 'card', '{}', 'sending', 'newcomer', now() + make_interval(secs => $1))`,
        [leaseSeconds],
      )
    } finally {
      await dying.query('COMMIT')
      dying.release()
    }
    await until(() => relayed(user.id).length === 1)
    await until(async () => (await stage.openRows()).length === 1)
    expect(await stage.openRows()).toMatchObject([{ state: 'sending', owner: 'newcomer' }])
  })

  test('on a change of leader: a takeover that the database broke off is tried again', async () => {
    const [user] = await createUsers(1)
    if (!user) throw new Error('No user')
    const { pool } = stage.database
    await stage.accept([write(user.id, 'one')])
    const leaseSeconds = 3600
    await claimItems(pool, { owner: 'gone', leaseSeconds, priorities: [-100, 100], limit: 100 })
    const lock = await pool.connect()
    try {
      await lock.query('BEGIN')
      await lock.query('SELECT 1 FROM outbox FOR UPDATE')
      let failure: unknown
      stage
        .dispatch({ leaseSeconds })
        .takeOver()
        .catch((error: unknown) => {
          failure = error
        })
      await until(async () => {
        await pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`,
        )
        return failure !== undefined
      })
    } finally {
      await lock.query('ROLLBACK')
      lock.release()
    }
    await stage.untilSent()
    expect(relayed(user.id)).toEqual(['one'])
  })

  test('when the answer to a claim is lost: the rows are sent once their leases ran out, by their own holder', async () => {
    const [user] = await createUsers(1)
    if (!user) throw new Error('No user')
    await stage.accept([write(user.id, 'one')])
    const owner = 'has not heard of it'
    await claimItems(stage.database.pool, { owner, leaseSeconds: 1, priorities: [-100, 100], limit: 100 })
    stage.dispatch({ workerId: owner })
    await stage.untilSent()
    expect(relayed(user.id)).toEqual(['one'])
  })

  test('when the process stops: calls on the wire are recorded, what waits for room is given back', async () => {
    const [user] = await createUsers(1)
    if (!user) throw new Error('No user')
    const limits = { chatPerSecond: 1000, groupPerMinute: 10, bulkPerSecond: 1000 }
    const outbox = stage.dispatch({ limits })
    // So long that each goes by itself.
    const texts = Array.from({ length: 12 }, (_, index) => `text ${index} ${'x'.repeat(3_000)}`)
    for (const text of texts) await stage.accept([write(user.id, text)], outbox)
    // The group takes no more now: the next one has been begun and waits for room.
    await until(async () => relayed(user.id).length === 6 && (await stage.openRows()).length === 6)
    await until(() => outbox.stats().running === 1)
    await outbox.stop()
    const open = await stage.openRows()
    expect(open.length + relayed(user.id).length).toBe(texts.length)
    expect(new Set(open.map(({ state, owner }) => `${state} ${owner}`))).toEqual(new Set(['pending null']))
    stage.dispatch()
    await stage.untilSent()
    expect(relayed(user.id)).toEqual(texts)
  })

  test('when the database goes away while results are recorded', async () => {
    const users = await createUsers(10)
    const outbox = stage.dispatch()
    for (const user of users) await stage.accept([write(user.id, 'zero')], outbox)
    await stage.untilSent()
    for (const user of users) await stage.accept([write(user.id, 'one')], outbox)
    await stage.database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    )
    await stage.untilSent(20_000)
    for (const user of users) expect(new Set(relayed(user.id))).toEqual(new Set(['zero', 'one']))
  })
})

describe('order', () => {
  test('of each lane is kept though two workers share the work and calls fail', async () => {
    const users = await createUsers(6)
    const texts = Array.from({ length: 10 }, (_, index) => `text ${index}`)
    for (const text of texts) for (const user of users) await stage.accept([write(user.id, text)])
    stage.world.addFault({ kind: '500', method: 'sendMessage', probability: 0.2, times: 40 })
    stage.dispatch()
    stage.dispatch()
    await stage.untilSent(30_000)
    for (const user of users) expect(relayed(user.id)).toEqual(texts)
  })

  test('a lane whose first row is held elsewhere or waits for its time is not claimed', async () => {
    const [user] = await createUsers(1)
    if (!user) throw new Error('No user')
    const sql = stage.database.pool
    const claim = async (owner: string) =>
      (await claimItems(sql, { owner, leaseSeconds: 60, priorities: [-100, 100], limit: 1 })).items
    await stage.accept([write(user.id, 'one')])
    expect(await claim('a')).toHaveLength(1)
    await stage.accept([write(user.id, 'two')])
    expect(await claim('b')).toEqual([])
    expect(await claim('a')).toHaveLength(1)
    await takeOverItems(sql, { owner: 'c', at: 'infinity', leaseSeconds: 0 })
    await sql.query(`UPDATE outbox SET not_before = now() + interval '1 hour' WHERE id = (SELECT min(id) FROM outbox)`)
    expect(await claim('b')).toEqual([])
  })

  test('a claim that had no room for every lane, or for all of a long one, says so', async () => {
    const [first, second] = await createUsers(2)
    if (!first || !second) throw new Error('No users')
    const sql = stage.database.pool
    const claim = (limit: number) =>
      claimItems(sql, { owner: 'a', leaseSeconds: 60, priorities: [-100, 100], limit }).then(
        ({ isMoreDue }) => isMoreDue,
      )
    for (const user of [first, second]) await stage.accept([write(user.id, 'one')])
    expect(await claim(1)).toBe(true)
    expect(await claim(2)).toBe(false)
    for (let count = 0; count < 11; count++) await stage.accept([write(first.id, 'and more')])
    expect(await claim(100)).toBe(true)
    expect(await claim(100)).toBe(false)
  })

  test('a long lane and many short ones are sent to their end without waiting for the next look', async () => {
    const users = await createUsers(120)
    const [talker] = users
    if (!talker) throw new Error('No user')
    for (const user of users) await stage.accept([write(user.id, 'hello')])
    for (let count = 0; count < 25; count++) await stage.accept([write(talker.id, 'and more')])
    stage.dispatch({ pollMs: 60_000 })
    await stage.untilSent()
    expect(await stage.openRows()).toEqual([])
  })

  test('claims that race share the lanes and never a row', async () => {
    const users = await createUsers(20)
    const sql = stage.database.pool
    for (const text of ['one', 'two']) for (const user of users) await stage.accept([write(user.id, text)])
    const workers = Array.from({ length: 8 }, (_, index) => `w${index}`)
    const claim = async (owner: string) =>
      (await claimItems(sql, { owner, leaseSeconds: 60, priorities: [-100, 100], limit: 7 })).items
    for (let round = 0; round < 10; round++) {
      // Every worker has its connection open, so that the claims meet.
      await Promise.all(workers.map(() => sql.query('SELECT pg_sleep(0.01)')))
      const claims = await Promise.all(workers.map(claim))
      const owners = claims.flatMap((items, index) => items.map(({ id, lane }) => ({ id, lane, index })))
      expect(owners.length).toBeGreaterThan(0)
      expect(new Set(owners.map(({ id }) => id)).size).toBe(owners.length)
      const pairs = new Set(owners.map(({ lane, index }) => `${lane} ${index}`))
      expect(pairs.size).toBe(new Set(owners.map(({ lane }) => lane)).size)
      await takeOverItems(sql, { owner: 'nobody', at: 'infinity', leaseSeconds: 0 })
    }
  })
})

describe('pace', () => {
  test('a 429 in one chat holds up that chat alone', async () => {
    const [slow, quick] = await createUsers(2)
    if (!slow || !quick) throw new Error('No users')
    stage.dispatch()
    stage.world.addFault({ kind: '429', chatId: slow.id, method: 'sendMessage', retryAfterSeconds: 2 })
    const notice = (userId: number) =>
      enqueueNotice(stage.database.prisma, { userId: BigInt(userId), text: 'notice-low-credits', args: { credits: 3 } })
    const startedAt = Date.now()
    await notice(slow.id)
    await until(() => stage.world.calls({ chatId: slow.id }).length === 1)
    await notice(quick.id)
    await until(() => stage.world.listMessages({ chatId: quick.id }).length === 1)
    expect(stage.world.calls({ chatId: slow.id })).toHaveLength(1)
    await stage.untilSent()
    expect(Date.now() - startedAt).toBeGreaterThan(1_950)
    expect(stage.world.listMessages({ chatId: slow.id })).toHaveLength(1)
  })

  test('a backlog towards the group does not hold up what a user waits for', async () => {
    const users = await createUsers(8)
    const outbox = stage.dispatch({
      limits: { chatPerSecond: 1000, groupPerMinute: 5, bulkPerSecond: 1000 },
      mostRunning: { user: 4, relay: 4, rest: 4 },
    })
    for (const user of users) await stage.accept([write(user.id, 'one')], outbox)
    const [user] = users
    if (!user) throw new Error('No user')
    await enqueueNotice(stage.database.prisma, {
      userId: BigInt(user.id),
      text: 'notice-low-credits',
      args: { credits: 3 },
    })
    outbox.wake()
    await until(() => stage.world.listMessages({ chatId: user.id }).some(({ author }) => author.isBot), 2_000)
    expect((await stage.openRows()).length).toBeGreaterThan(0)
  })

  test('more than fits in memory is refused and claimed later', async () => {
    const users = await createUsers(30)
    const outbox = stage.dispatch({ mostHeld: 5 })
    stage.world.addFault({ kind: 'slow', delayMs: 20, times: 0 })
    for (const user of users) await stage.accept([write(user.id, 'one')], outbox)
    expect(outbox.stats().held.relay).toBeLessThanOrEqual(30)
    expect(outbox.canTake()).toBe(false)
    await stage.untilSent(20_000)
    for (const user of users) expect(relayed(user.id)).toEqual(['one'])
    await until(() => outbox.canTake())
  })
})

test('the card follows the facts without being asked for by every change', async () => {
  const [user] = await createUsers(1)
  if (!user) throw new Error('No user')
  const outbox = stage.dispatch({ cardSweepMs: 50 })
  await stage.accept([write(user.id, 'one')], outbox)
  await stage.untilSent()
  const card = () => {
    const [topic] = stage.world.listTopics({ chatId: stage.group.id })
    return stage.world.getMessage({ chatId: stage.group.id, messageId: topic?.pinnedMessageIds[0] ?? 0 })?.text
  }
  expect(card()).toContain('999 credits')
  for (let index = 0; index < 3; index++) {
    const ref = `more:${index}`
    await stage.database.pool.query(`SELECT post_entry($1, 'gift', $2, 1, 0, 0, 'promotions', 'test', NULL)`, [
      user.id,
      ref,
    ])
  }
  await until(() => card()?.includes('1,002 credits') ?? false)
  expect(stage.world.calls({ method: 'editMessageText' })).toHaveLength(1)
  const { rows } = await stage.database.pool.query('SELECT card_dirty_at FROM conversations')
  expect(rows).toEqual([{ card_dirty_at: null }])
})

test('a message that the group refuses for good is set aside with an urgent alert, and its writer is not taken for gone', async () => {
  const [user] = await createUsers(1)
  if (!user) throw new Error('No user')
  const outbox = stage.dispatch()
  await stage.accept([write(user.id, 'one')], outbox)
  await stage.untilSent()
  const description = 'Bad Request: chat not found'
  stage.world.addFault({ kind: '400', method: 'sendMessage', chatId: stage.group.id, times: 0, description })
  await stage.accept([write(user.id, 'two')], outbox)
  await stage.untilSent()
  expect(await stage.deadRows()).toMatchObject([{ purpose: 'relay', attempts: 30 }])
  await outbox.stop()
  expect(await stage.database.prisma.alert.findUnique({ where: { key: 'outbox:relay' } })).toMatchObject({
    severity: 'urgent',
  })
  const { blockedAt } = await stage.database.prisma.user.findUniqueOrThrow({ where: { id: BigInt(user.id) } })
  expect(blockedAt).toBeNull()
})

test('a bot token that Telegram does not accept is told, and what waits is sent once it does', async () => {
  const [user] = await createUsers(1)
  if (!user) throw new Error('No user')
  const outbox = stage.dispatch()
  stage.world.addFault({ kind: '401', times: 3 })
  await stage.accept([write(user.id, 'one')], outbox)
  await stage.untilSent()
  expect(relayed(user.id)).toEqual(['one'])
  const told = () => stage.database.prisma.alert.findUnique({ where: { key: 'telegram.unauthorized' } })
  await until(async () => (await told())?.severity === 'urgent')
})

test('a payload that nobody understands dies with its reason and an alert, and its lane goes on', async () => {
  const [user] = await createUsers(1)
  if (!user) throw new Error('No user')
  await stage.database.pool.query(
    `INSERT INTO outbox (lane, purpose, priority, user_id, payload) VALUES ('topic:' || $1, 'relay', 1, $1::bigint, '{}')`,
    [user.id],
  )
  await stage.accept([write(user.id, 'one')])
  stage.dispatch()
  await stage.untilSent()
  expect(await stage.deadRows()).toMatchObject([{ purpose: 'relay', error: expect.stringContaining('Unreadable') }])
  await until(async () => (await stage.database.prisma.alert.count()) === 1)
  expect(relayed(user.id)).toEqual(['one'])
})
