import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openPool } from '#core/db.ts'
import { createStage, type Stage, until } from '#testing/outbox/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createStage()
})
afterEach(() => stage.close())

const write = (userId: number, text: string) => stage.world.sendText({ userId, text })

test('while the backlog towards the group fills the memory the database is not asked without a pause', async () => {
  for (let index = 0; index < 8; index++) {
    const user = await stage.createUser()
    await stage.accept([write(user.id, 'Hello')])
  }
  const { counter, pool } = countClaims(stage.database.pool)
  const limits = { chatPerSecond: 1000, groupPerMinute: 1, bulkPerSecond: 1000 }
  const outbox = stage.dispatch({ pool, limits, mostHeld: 4, pollMs: 1_000 })
  await until(() => outbox.stats().held.relay === 4)
  const before = counter.claims
  await expect(until(() => counter.claims > before + 20, 1_000)).rejects.toThrow('did not come true')
})

test('a stop does not wait for a card whose edit Telegram puts off', async () => {
  const user = await stage.createUser()
  const outbox = stage.dispatch({ cardSweepMs: 50 })
  await stage.accept([write(user.id, 'Hello')], outbox)
  await stage.untilSent()
  stage.world.addFault({ kind: '429', method: 'editMessageText', retryAfterSeconds: 30 })
  await stage.database.pool.query(`UPDATE conversations SET card_dirty_at = now() - interval '1 minute'`)
  await until(() => stage.world.listFaults().length === 0)
  const since = Date.now()
  await outbox.stop()
  expect(Date.now() - since).toBeLessThan(10_000)
}, 40_000)

test('a worker that stops keeps nothing of a lane whose first message it was sending', async () => {
  const user = await stage.createUser()
  const outbox = stage.dispatch()
  await stage.accept([write(user.id, 'Hello')], outbox)
  await stage.untilSent()
  stage.world.addFault({ kind: 'slow', method: 'copyMessage', delayMs: 500, times: 2 })
  for (let index = 0; index < 4; index++) {
    await stage.accept([stage.world.sendMedia({ userId: user.id, kind: 'photo' })], outbox)
  }
  // The second is on its way, and those behind it stand by.
  await until(() => stage.world.listFaults().length === 0)
  await outbox.stop()
  const rows = await stage.openRows()
  expect(rows.map(({ state, owner }) => ({ state, owner }))).toEqual([
    { state: 'pending', owner: null },
    { state: 'pending', owner: null },
  ])
})

test('on a change of leader: what a living worker is sending stays with it, and arrives once', async () => {
  const user = await stage.createUser()
  const workerId = 'a living worker'
  const pool = openPool({ connectionString: stage.database.url, application_name: workerId }, () => undefined)
  const first = stage.dispatch({ pool, workerId })
  await stage.accept([write(user.id, 'Hello')], first)
  await stage.untilSent()
  stage.world.addFault({ kind: 'slow', method: 'sendMessage', delayMs: 1_500 })
  await stage.accept([write(user.id, 'Once')], first)
  await until(() => stage.world.listFaults().length === 0)
  const second = stage.dispatch()
  await second.takeOver()
  await until(() => first.stats().running === 0)
  await stage.untilSent()
  expect(stage.relayedLines(user.id)).toEqual(['Hello', 'Once'])
  await first.stop()
  await pool.end()
})

test('an error that the database cannot write down stops nobody else', async () => {
  const [poisoned, other] = [await stage.createUser(), await stage.createUser()]
  const outbox = stage.dispatch()
  await stage.accept([write(poisoned.id, 'Hello')], outbox)
  await stage.accept([write(other.id, 'Hello')], outbox)
  await stage.untilSent()
  stage.world.addFault({ kind: '400', method: 'sendMessage', times: 3, description: 'Bad Request: cannot take "\0"' })
  await stage.accept([write(poisoned.id, 'poison')], outbox)
  await until(() => stage.world.listFaults().length === 0)
  await stage.accept([write(other.id, 'fine')], outbox)
  await stage.untilSent()
  expect(stage.relayedLines(other.id)).toEqual(['Hello', 'fine'])
})

/** The same connections, with the claims for rows counted. */
function countClaims(pool: Database['pool']): { counter: { claims: number }; pool: Database['pool'] } {
  const counter = { claims: 0 }
  const counting = new Proxy(pool, {
    get(target, key) {
      if (key !== 'query') return Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key)
      return (query: { name?: string }, ...rest: unknown[]) => {
        if (query.name === 'claim_outbox_items') counter.claims++
        return (target.query as (...all: unknown[]) => unknown)(query, ...rest)
      }
    },
  })
  return { counter, pool: counting }
}
