import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { jobs } from '#bot/workers/jobs.ts'
import type { BotProcess } from '#testing/bot-process.ts'
import { beginOutage } from '#testing/connections.ts'
import { chargesOf, expectSound, GROUP, marks, openStage, type Stage, topicOf, until } from './stage.ts'

const USERS = 10

vi.setConfig({ testTimeout: 120_000 })

let stage: Stage
let bot: BotProcess
let users: number[]

beforeEach(async () => {
  stage = await openStage()
  bot = await stage.startBot()
  users = []
  for (let index = 0; index < USERS; index++) users.push(await stage.userWith(100))
  sayAll('before')
  await stage.settle()
})
afterEach(async () => {
  await stage.close()
})

function sayAll(mark: string): void {
  for (const userId of users) stage.world.sendText({ userId, text: `#${mark}#` })
}

/** The same process is still there, and all that was written has arrived once in the books and in order. */
async function expectAllOf(texts: string[]): Promise<void> {
  await stage.settle()
  expect(bot.isAlive()).toBe(true)
  for (const userId of users) {
    expect(marks(topicOf(stage, userId).messages)).toEqual(texts)
    expect(await chargesOf(stage, userId)).toEqual(texts.map(() => -1))
  }
  await expectSound(stage)
}

describe('while the database is away', () => {
  /** The bot has noticed: it has been turned away more often than any of its first tries. */
  const turnedAway = () =>
    until(
      () => (bot.log().match(/is not currently accepting connections/g)?.length ?? 0) > 3,
      'the bot to be turned away',
    )

  test('the bot lives on, recovers by itself, and what was written meanwhile arrives once', async () => {
    const outage = await beginOutage(stage.db)
    sayAll('one')
    await turnedAway()
    sayAll('two')
    const pending = stage.world.updateQueue().pending
    expect(pending).toBeGreaterThanOrEqual(USERS)
    await outage.end()
    sayAll('three')
    await expectAllOf(['before', 'one', 'two', 'three'])
  })

  test('a bot that has only begun lives on, too', async () => {
    await stage.kill(bot)
    await stage.db.pool.query('DELETE FROM pgboss.schedule')
    sayAll('one')
    bot = stage.spawn()
    await bot.leads
    const outage = await beginOutage(stage.db)
    await turnedAway()
    await outage.end()
    sayAll('two')
    await expectAllOf(['before', 'one', 'two'])
    await until(async () => (await stage.count('pgboss.schedule')) === jobs.length, 'the jobs to be scheduled')
  })

  test('coming and going under load, the bot lives on and nothing is lost or charged twice', async () => {
    const texts: string[] = []
    for (let round = 0; round < 5; round++) {
      const mark = `m${round}`
      texts.push(mark)
      sayAll(mark)
      // Cut off in the middle: some are accepted and the rest is on its way.
      await until(async () => (await stage.count(`messages WHERE text = '#${mark}#'`)) > 0, 'some to be accepted')
      const outage = await beginOutage(stage.db)
      await outage.end()
    }
    await expectAllOf(['before', ...texts])
  })
})

describe('while Telegram', () => {
  test('answers 500 to everything for a while, nothing is lost', async () => {
    const { world } = stage
    // Otherwise the first messages would not be fetched before the trouble is over, and no send would fail.
    await world.waitUntilPolling()
    const fault = world.addFault({ kind: '500', times: 0 })
    const polls = world.addFault({ kind: '500', method: 'getUpdates', times: 0 })
    sayAll('one')
    // The poll that was under way still brings the first; every later one fails, as does every send.
    await world.waitFor(() => struck(fault.id) >= 2 && struck(polls.id) >= 2, { timeoutMs: 20_000 })
    sayAll('two')
    world.clearFaults()
    sayAll('three')
    await expectAllOf(['before', 'one', 'two', 'three'])
  })

  test('asks to wait with 429, in the group and in private chats, nothing is lost', async () => {
    const { world } = stage
    world.addFault({ kind: '429', chatId: GROUP, times: 5, retryAfterSeconds: 1 })
    for (const chatId of users.slice(0, 3)) world.addFault({ kind: '429', chatId, times: 2, retryAfterSeconds: 1 })
    for (const mark of ['one', 'two', 'three']) sayAll(mark)
    await world.waitFor(() => world.listFaults().length === 0, { timeoutMs: 30_000, what: 'all faults to strike' })
    await expectAllOf(['before', 'one', 'two', 'three'])
  })

  const struck = (id: string) => stage.world.listFaults().find((fault) => fault.id === id)?.struck ?? 0
})
