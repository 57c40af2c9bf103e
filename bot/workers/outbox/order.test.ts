import { expect, onTestFinished, test } from 'vitest'
import type { Database } from '#core/db.ts'
import { countBlocked } from '#testing/connections.ts'
import { createStage, type Stage, until } from '#testing/outbox/stage.ts'

const relayed = (stage: Stage, userId: number) => stage.relayedLines(userId)

test('a message that is accepted while the failure of the one before is being recorded does not overtake it', async () => {
  const stage = await createStage()
  onTestFinished(() => stage.close())
  const user = await stage.createUser({ firstName: 'Ann' })
  const outbox = stage.dispatch({ timeoutMs: 1_500, backoff: () => 300, leaseCheckMs: 60_000 })
  const write = (text: string) => stage.accept([stage.world.sendText({ userId: user.id, text })], outbox)
  await write('zero')
  await stage.untilSent()
  // Telegram is so slow that we give up; much later it carries the call out all the same.
  stage.world.addFault({ kind: 'slow', method: 'sendMessage', delayMs: 10_000 })
  await write('one')
  const recording = await stage.database.pool.connect()
  try {
    await recording.query('BEGIN')
    await recording.query('SELECT 1 FROM outbox WHERE lane = $1 FOR UPDATE', [`topic:${user.id}`])
    await until(async () => (await countBlocked(stage.database.pool)) === 1)
    // The database still says that we hold the lane, and gives us this one.
    expect(await write('two')).toMatchObject({ leased: { relayId: expect.anything() } })
  } finally {
    await recording.query('ROLLBACK')
    recording.release()
  }
  await stage.untilSent()
  expect(relayed(stage, user.id)).toEqual(['zero', 'one', 'two'])
})

test('a message that is accepted while the answer to a claim is on its way does not overtake what was claimed', async () => {
  const stage = await createStage()
  onTestFinished(() => stage.close())
  const user = await stage.createUser({ firstName: 'Ann' })
  const write = (text: string) => stage.world.sendText({ userId: user.id, text })
  const first = stage.dispatch()
  await stage.accept([write('zero')], first)
  await stage.untilSent()
  await first.stop()
  await stage.accept([write('one')])
  const { pool, letThrough } = withLateClaims(stage.database.pool)
  const outbox = stage.dispatch({ pool })
  await until(async () => (await stage.openRows()).some(({ owner }) => owner === outbox.workerId))
  // The database says that we hold the lane, and gives us this one.
  expect(await stage.accept([write('two')], outbox)).toMatchObject({ leased: { relayId: expect.anything() } })
  letThrough()
  await stage.untilSent()
  expect(relayed(stage, user.id)).toEqual(['zero', 'one', 'two'])
})

test('a message that is accepted while an earlier one is being given back does not overtake it', async () => {
  const stage = await createStage()
  onTestFinished(() => stage.close())
  const user = await stage.createUser({ firstName: 'Ann' })
  const { pool, holdBack } = withHeldRecords(stage.database.pool)
  const outbox = stage.dispatch({ pool, backoff: () => 0 })
  const write = (text: string, since: number) => {
    const offer: typeof outbox.offer = (items) => outbox.offer(items, since)
    const worker = Object.assign(Object.create(outbox) as typeof outbox, { offer })
    return stage.accept([stage.world.sendText({ userId: user.id, text })], worker)
  }
  await write('zero', performance.now())
  await stage.untilSent()
  stage.world.addFault({ kind: '500', method: 'sendMessage' })
  await write('one', performance.now())
  await stage.untilSent()
  const letThrough = holdBack()
  // Leased before the lane was put back, as far as the dispatcher can know: it goes back as well.
  await write('two', 0)
  // Until that is recorded the database says that we hold the lane, and gives us this one.
  expect(await write('three', performance.now())).toMatchObject({ leased: { relayId: expect.anything() } })
  letThrough()
  await stage.untilSent()
  expect(relayed(stage, user.id)).toEqual(['zero', 'one', 'two', 'three'])
})

test('a message that was lost and taken again while its lease was being renewed is not forgotten', async () => {
  const stage = await createStage()
  onTestFinished(() => stage.close())
  const user = await stage.createUser({ firstName: 'Ann' })
  const write = (text: string) => stage.world.sendText({ userId: user.id, text })
  const { pool, prepare } = withLateLosses(stage.database.pool)
  const outbox = stage.dispatch({ pool, leaseSeconds: 3600, leaseCheckMs: 20 })
  await stage.accept([write('zero')], outbox)
  await stage.untilSent()
  stage.world.addFault({ kind: 'slow-answer', method: 'sendMessage', delayMs: 3_000 })
  await stage.accept([write('one')], outbox)
  await until(() => relayed(stage, user.id).includes('one'))
  const { leased } = await stage.accept([write('two')], outbox)
  await prepare()
  await stage.database.pool.query(`UPDATE outbox SET state = 'pending', owner = NULL WHERE id = $1`, [leased?.relayId])
  await stage.untilSent()
  expect(relayed(stage, user.id)).toEqual(['zero', 'one', 'two'])
})

/**
 * The same connections, but once prepared, claims wait until a renewal has lost something, and the answer of that
 * renewal waits until a claim has taken it again and was acted on.
 */
function withLateLosses(pool: Database['pool']) {
  const is = { prepared: false, lost: false, takenAgain: false, actedOn: false }
  let claims = 0
  async function claim(config: { text: string }) {
    if (is.takenAgain) is.actedOn = true
    if (is.prepared) await until(() => is.lost)
    claims++
    const result = await pool.query(config)
    claims--
    is.takenAgain ||= is.lost && result.rows.length > 0
    return result
  }
  async function renew(config: { text: string; values: unknown[][] }) {
    const result = await pool.query(config)
    if (!is.prepared || result.rows.length === config.values[1]?.length) return result
    is.lost = true
    await until(() => is.actedOn)
    return result
  }
  const query = (config: { name?: string; text: string; values: unknown[][] }) => {
    if (config.name === 'claim_outbox_items') return claim(config)
    return config.name === 'renew_outbox_leases' ? renew(config) : pool.query(config)
  }
  return {
    pool: Object.assign(Object.create(pool) as typeof pool, { query }),
    prepare: async () => {
      is.prepared = true
      await until(() => claims === 0)
    },
  }
}

/** The same connections, but the answer to a claim that took rows arrives only when it is let through. */
function withLateClaims(pool: Database['pool']) {
  let letThrough = () => {}
  const gate = new Promise<void>((resolve) => {
    letThrough = resolve
  })
  const query = async (config: { name?: string }) => {
    const result = await pool.query(config as { text: string })
    if (config.name === 'claim_outbox_items' && result.rows.length > 0) await gate
    return result
  }
  return { pool: Object.assign(Object.create(pool) as typeof pool, { query }), letThrough }
}

/** The same connections, but what became of rows is recorded only when it is let through. */
function withHeldRecords(pool: Database['pool']) {
  let gate = Promise.resolve()
  const query = async (config: { name?: string }) => {
    if (config.name === 'finish_outbox_items') await gate
    return pool.query(config as { text: string })
  }
  return {
    pool: Object.assign(Object.create(pool) as typeof pool, { query }),
    holdBack: () => {
      let letThrough = () => {}
      gate = new Promise((resolve) => {
        letThrough = resolve
      })
      return () => letThrough()
    },
  }
}
