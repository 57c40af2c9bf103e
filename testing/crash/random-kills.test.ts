import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { WorldEvent } from '#sandbox/telegram/control-types.ts'
import { randomFrom } from '#testing/random.ts'
import { type Load, startLoad, type Writer } from './load.ts'
import { chargesOf, expectSound, marks, openStage, type Stage, timesOf, topicOf, until } from './stage.ts'

const KILLS = 30
const PER_SECOND = 250
/** How long a bot is left alone at most, counted from the first thing that it does. */
const LIFE_MS = 400
const PATIENCE_MS = 60_000

/** CRASH_SEED repeats a run as far as the machine lets it. */
const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31))

let stage: Stage

beforeEach(async () => {
  stage = await openStage()
})
afterEach(async () => {
  await stage.close()
})

test(`killed ${KILLS} times under load, the bot loses, doubles and reorders nothing (CRASH_SEED=${seed})`, async () => {
  console.info(`CRASH_SEED=${seed}`)
  const random = randomFrom(seed)
  const load = await startLoad(stage, random, PER_SECOND)
  for (let kill = 0; kill < KILLS; kill++) {
    const bot = stage.spawn()
    // Some die while they still start, most while they work.
    const sign = random() < 0.2 ? isFirstCall : isMessage
    await stage.world.waitForEvent(sign, { timeoutMs: PATIENCE_MS, what: `the bot to do something: ${bot.log()}` })
    await delay(random() * LIFE_MS)
    await stage.kill(bot)
  }
  stage.spawn()
  // On a slow machine none of the bots may have lived to make a topic that the team could answer in.
  await until(() => load.answers.size > 0, 'an answer of the team', PATIENCE_MS)
  await load.stop()
  await stage.settle()
  for (const writer of load.writers) await expectRelayed(writer)
  expectAnswered(load)
  await expectSound(stage)
}, 400_000)

const isFirstCall = (event: WorldEvent) => event.type === 'call' && event.call.method === 'getMe'
const isMessage = (event: WorldEvent) => event.type === 'message' && event.fromBot

/** All that the user could pay for, in order, each charged once, and the user knows what is left. */
async function expectRelayed({ userId, credits, said }: Writer): Promise<void> {
  // Whoever runs out of credits writes texts only: as many are accepted as there are credits, the first ones.
  const isPoor = credits < 900
  const accepted = isPoor ? said.slice(0, credits) : said
  if (accepted.length === 0) return
  const { messages } = topicOf(stage, userId)
  expect(marks(messages.filter(({ author }) => author.isBot)), `what arrived from ${userId}`).toEqual(
    accepted.flatMap((one) => one.marks),
  )
  expect(await chargesOf(stage, userId), `charges of ${userId}`).toEqual(accepted.map(({ cost }) => -cost))
  const left = credits - accepted.reduce((sum, { cost }) => sum + cost, 0)
  const texts = botTexts(userId)
  expect(
    texts.filter((text) => text.includes(` ${left} credit`) && text.endsWith('left')),
    'a receipt',
  ).not.toEqual([])
  const refusals = texts.filter((text) => text.startsWith('Not sent yet')).length
  expect(refusals, 'messages the user was told were not sent').toBeGreaterThanOrEqual(said.length - accepted.length)
}

const botTexts = (userId: number) =>
  stage.world
    .listMessages({ chatId: userId, limit: 10_000 })
    .flatMap(({ author, text }) => (author.isBot && text !== undefined ? [text] : []))

function expectAnswered({ writers, answers }: Load): void {
  expect(answers.size).toBeGreaterThan(0)
  for (const { userId, said } of writers) {
    if (said.length === 0) continue
    const { threadId } = topicOf(stage, userId)
    const given = answers.get(threadId) ?? []
    const received = stage.world.listMessages({ chatId: userId, limit: 10_000 }).filter(({ author }) => author.isBot)
    expect(marks(received), `answers to ${userId}`).toEqual(given)
    for (const mark of given) expect(timesOf(received, mark)).toBeGreaterThanOrEqual(1)
  }
}
