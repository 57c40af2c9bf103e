/**
 * The bot process is killed with SIGKILL at a known point of its work and started again. To make it stand still there,
 * Telegram holds back an answer or PostgreSQL a lock; nothing in the bot knows of it.
 * No promise here leans on what PostgreSQL does when its machine dies, so a server without fsync serves.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { BotProcess } from '#testing/bot-process.ts'
import { type Fate, hold } from './hold.ts'
import {
  chargesOf,
  expectSound,
  GROUP,
  marks,
  OLIVIA,
  openStage,
  type Stage,
  timesOf,
  topicOf,
  until,
} from './stage.ts'

/** Longer than any of these tests needs: it stays without an answer until the bot is dead. */
const HELD_MS = 15_000
const FATES: Fate[] = ['never', 'later']

vi.setConfig({ testTimeout: 120_000 })

let stage: Stage
/** The one that the last test left, or the successor of the one that it killed. */
let bot: BotProcess

beforeAll(async () => {
  stage = await openStage()
  bot = await stage.startBot()
})
afterAll(async () => {
  await stage.close()
})
beforeEach(async () => {
  if (!bot.isAlive()) await startAgain()
})
afterEach(() => {
  stage.world.clearFaults()
})

async function startAgain(): Promise<void> {
  bot = await stage.startBot()
}

/** Somebody with credits and a topic, in which `#first#` has arrived. */
async function newUser(credits = 50): Promise<number> {
  const userId = await stage.userWith(credits)
  say(userId, 'first')
  await arrived(userId, 'first')
  await stage.settle()
  return userId
}

const say = (userId: number, mark: string) => stage.world.sendText({ userId, text: `#${mark}#` })

const arrived = (userId: number, mark: string) =>
  stage.world.waitForMessage({
    chatId: GROUP,
    text: `#${mark}#`,
    where: ({ text }) => text?.includes(String(userId)) ?? false,
  })

const openUpdates = () => stage.count('inbox WHERE done_at IS NULL')
const topicNames = () => stage.world.listTopics({ chatId: GROUP }).map(({ name }) => name)
const expectTopic = (userId: number) => expect(marks(topicOf(stage, userId).messages))

/** Stands still when the bot writes down that an update is done, with everything before it done. */
async function holdAtMark(firstTable: 'users' | 'messages', act: () => void) {
  // The row can be locked only once it is there, and must be locked before it is needed.
  const before = await hold(stage, `LOCK TABLE ${firstTable} IN SHARE MODE`)
  act()
  await before.caught()
  const mark = await hold(stage, 'SELECT 1 FROM inbox WHERE done_at IS NULL FOR UPDATE')
  await before.release()
  await mark.caught()
  return mark
}

/** Waits until a fault has struck. */
const struck = (method: string) =>
  stage.world.waitFor(() => stage.world.listFaults().length === 0, { what: `a fault in ${method}` })

describe('a message of a user arrives in order and is charged once when the bot is killed', () => {
  test.each(FATES)('after fetching it, and its insert comes into effect %s', async (fate) => {
    const userId = await newUser()
    const insert = await hold(stage, 'LOCK TABLE inbox IN SHARE MODE')
    say(userId, 'one')
    await insert.caught()
    expect(stage.world.updateQueue().pending).toBe(1)
    await stage.kill(bot)
    await insert.decide(fate)
    expect(await openUpdates()).toBe(fate === 'never' ? 0 : 1)
    await startAgain()
    await arrived(userId, 'one')
    await stage.settle()
    expectTopic(userId).toEqual(['first', 'one'])
    expect(await chargesOf(stage, userId)).toEqual([-1, -1])
    await expectSound(stage)
  })

  test('after storing it, before its handling began', async () => {
    const userId = await newUser()
    const lane = await hold(stage, 'LOCK TABLE users IN SHARE MODE')
    say(userId, 'one')
    await lane.caught()
    // The first one keeps the lane busy, so these are stored, confirmed and nothing else.
    for (const mark of ['two', 'three']) say(userId, mark)
    await until(async () => (await openUpdates()) === 3, 'the messages to be stored')
    await stage.world.waitUntilConfirmed()
    await stage.kill(bot)
    await lane.decide('never')
    await startAgain()
    await arrived(userId, 'three')
    await stage.settle()
    expectTopic(userId).toEqual(['first', 'one', 'two', 'three'])
    expect(await chargesOf(stage, userId)).toEqual([-1, -1, -1, -1])
    await expectSound(stage)
  })

  test.each(FATES)('with charge, message and what is owed written, and the commit happens %s', async (fate) => {
    const userId = await newUser()
    const mark = await holdAtMark('users', () => say(userId, 'one'))
    say(userId, 'two')
    await until(async () => (await openUpdates()) === 2, 'the second message to be stored')
    await stage.kill(bot)
    await mark.decide(fate)
    expect(await chargesOf(stage, userId)).toEqual(fate === 'never' ? [-1] : [-1, -1])
    await startAgain()
    await arrived(userId, 'two')
    await stage.settle()
    expectTopic(userId).toEqual(['first', 'one', 'two'])
    expect(await chargesOf(stage, userId)).toEqual([-1, -1, -1])
    await expectSound(stage)
  })

  test.each([
    ['paid', 0, [-1, -1]],
    ['free', 3_600, [-1]],
  ] as const)(
    'and its statement commits while the successor handles the same %s message',
    async (_kind, passSeconds, charges) => {
      const userId = await newUser()
      if (passSeconds > 0) await stage.givePass(userId, passSeconds)
      const mark = await holdAtMark('users', () => say(userId, 'one'))
      await stage.kill(bot)
      await startAgain()
      await mark.followed()
      await mark.release()
      await until(async () => (await openUpdates()) === 0, 'the successor to see that it was accepted')
      await arrived(userId, 'one')
      await stage.settle()
      expect(await stage.count('messages WHERE user_id = $1', [userId])).toBe(2)
      expect(await chargesOf(stage, userId)).toEqual(charges)
      expectTopic(userId).toEqual(['first', 'one'])
      expect(timesOf(topicOf(stage, userId).messages, 'one')).toBe(1)
      await expectSound(stage)
    },
  )

  test('after relaying it, before Telegram was told that it was fetched', async () => {
    const userId = await newUser()
    await stage.world.waitUntilPolling()
    stage.world.addFault({ kind: 'drop-before', method: 'getUpdates', times: 0 })
    say(userId, 'one')
    await arrived(userId, 'one')
    await stage.world.waitForMessage({ chatId: userId, fromBot: true, text: '48 credits left' })
    expect(stage.world.updateQueue().pending).toBe(1)
    await stage.kill(bot)
    stage.world.clearFaults()
    await startAgain()
    say(userId, 'two')
    await arrived(userId, 'two')
    await stage.settle()
    expectTopic(userId).toEqual(['first', 'one', 'two'])
    expect(await chargesOf(stage, userId)).toEqual([-1, -1, -1])
    await expectSound(stage)
  })

  test.each(['slow-answer', 'drop-after-accept'] as const)(
    'after Telegram took it, before the bot heard so (%s); then it stands there twice',
    async (kind) => {
      const userId = await newUser()
      stage.world.addFault({ kind, method: 'sendMessage', chatId: GROUP, delayMs: HELD_MS })
      say(userId, 'one')
      await arrived(userId, 'one')
      await stage.kill(bot)
      await startAgain()
      await stage.settle()
      expectTopic(userId).toEqual(['first', 'one'])
      expect(timesOf(topicOf(stage, userId).messages, 'one')).toBe(2)
      expect(await chargesOf(stage, userId)).toEqual([-1, -1])
      await expectSound(stage)
    },
  )

  test.each(FATES)('after the bot heard that it stands in the topic, and the note of it commits %s', async (fate) => {
    const userId = await newUser()
    stage.world.addFault({ kind: 'slow', method: 'sendMessage', chatId: GROUP, delayMs: 1_000 })
    say(userId, 'one')
    await struck('sendMessage')
    const note = await hold(stage, `SELECT 1 FROM outbox WHERE purpose = 'relay' FOR UPDATE`)
    await note.caught()
    await stage.kill(bot)
    await note.decide(fate)
    await startAgain()
    await stage.settle()
    expectTopic(userId).toEqual(['first', 'one'])
    expect(timesOf(topicOf(stage, userId).messages, 'one')).toBe(fate === 'never' ? 2 : 1)
    expect(await chargesOf(stage, userId)).toEqual([-1, -1])
    await expectSound(stage)
  })
})

test.each(FATES)(
  'a user who cannot pay and was told so is charged nothing when the bot is killed and its mark is made %s',
  async (fate) => {
    const userId = await stage.userWith(0)
    const mark = await holdAtMark('users', () => say(userId, 'one'))
    await stage.kill(bot)
    await mark.decide(fate)
    await startAgain()
    await stage.settle()
    const told = stage.world.listMessages({ chatId: userId }).filter(({ text }) => text?.startsWith('Not sent yet'))
    expect(told).toHaveLength(fate === 'never' ? 2 : 1)
    expect(topicNames()).not.toContainEqual(expect.stringContaining(String(userId)))
    expect(await chargesOf(stage, userId)).toEqual([])
    expect(await stage.count('messages WHERE user_id = $1', [userId])).toBe(0)
    await expectSound(stage)
  },
)

describe('a first message makes one topic with a pinned card when the bot is killed', () => {
  test.each([
    ['while Telegram made it and its answer was on the way', 'slow-answer', HELD_MS],
    ['and Telegram makes it only afterwards', 'slow', 2_500],
  ] as const)('%s', async (_when, kind, delayMs) => {
    const userId = await stage.userWith(10)
    stage.world.addFault({ kind, method: 'createForumTopic', delayMs })
    for (const mark of ['one', 'two']) say(userId, mark)
    await struck('createForumTopic')
    await until(async () => (await chargesOf(stage, userId)).length === 2, 'both messages to be accepted')
    await stage.kill(bot)
    await startAgain()
    await arrived(userId, 'two')
    await stage.settle()
    expectTopic(userId).toEqual(['one', 'two'])
    expect(topicOf(stage, userId).pinned).toHaveLength(1)
    expect(await chargesOf(stage, userId)).toEqual([-1, -1])
    await expectSound(stage)
  })

  test('and Telegram tells of the topic so late that a second was made: the first is deleted', async () => {
    const userId = await stage.userWith(10)
    // The call is on its way; the bot is dead before Telegram makes the topic of it.
    stage.world.addFault({ kind: 'slow', method: 'createForumTopic', delayMs: 1_000 })
    const isCalled = stage.world.waitForEvent((event) => event.type === 'fault', { what: 'the topic to be asked for' })
    say(userId, 'one')
    await isCalled
    stage.world.holdUpdates()
    await stage.kill(bot)
    await stage.world.waitForTopic({ chatId: GROUP, name: new RegExp(String(userId)) })
    const late = `UPDATE conversations SET topic_retry_at = now() WHERE topic_state = 'creating'`
    await until(async () => (await stage.db.pool.query(late)).rowCount === 1, 'the claim to end')
    bot = stage.spawn()
    await arrived(userId, 'one')
    expect(topicNames().filter((name) => name.includes(String(userId)))).toHaveLength(2)
    stage.world.releaseUpdates()
    await stage.settle()
    expectTopic(userId).toEqual(['one'])
    await expectSound(stage)
  })

  test.each(['sendMessage', 'pinChatMessage'])('while the answer to %s of the card was on the way', async (method) => {
    const userId = await stage.userWith(10)
    stage.world.addFault({ kind: 'slow-answer', method, chatId: GROUP, delayMs: HELD_MS })
    say(userId, 'one')
    await struck(method)
    await stage.kill(bot)
    await startAgain()
    await arrived(userId, 'one')
    await stage.settle()
    expectTopic(userId).toEqual(['one'])
    expect(topicOf(stage, userId).pinned).toHaveLength(1)
    expect(await chargesOf(stage, userId)).toEqual([-1])
    await expectSound(stage)
  })
})

describe('an answer of the team reaches the user when the bot is killed', () => {
  const answers = (userId: number) => stage.world.listMessages({ chatId: userId }).filter(({ author }) => author.isBot)
  const answer = (userId: number) => {
    const { threadId } = topicOf(stage, userId)
    stage.world.sendText({ userId: OLIVIA, chatId: GROUP, threadId, text: '#answer#' })
  }

  async function expectAnswered(userId: number, times: number): Promise<void> {
    await stage.world.waitForMessage({ chatId: userId, fromBot: true, text: '#answer#' })
    await stage.settle()
    expect(timesOf(answers(userId), 'answer')).toBe(times)
    const conversation = await stage.db.prisma.conversation.findUnique({ where: { userId: BigInt(userId) } })
    expect(conversation).toMatchObject({ messagesOut: 1, unread: 0, waitingSince: null })
    expect(await chargesOf(stage, userId)).toEqual([-1])
    await expectSound(stage)
  }

  test('once, before it was stored as an answer', async () => {
    const userId = await newUser()
    const store = await hold(stage, 'LOCK TABLE messages IN SHARE MODE')
    answer(userId)
    await store.caught()
    await stage.kill(bot)
    await store.decide('never')
    await startAgain()
    await expectAnswered(userId, 1)
  })

  test('once, after it was stored and before its update was marked', async () => {
    const userId = await newUser()
    const mark = await holdAtMark('messages', () => answer(userId))
    await stage.world.waitForMessage({ chatId: userId, fromBot: true, text: '#answer#' })
    await until(async () => (await stage.count('outbox')) === 0, 'the answer to be sent')
    await stage.kill(bot)
    await mark.decide('never')
    await startAgain()
    await expectAnswered(userId, 1)
  })

  test('twice, after Telegram copied it and before the bot heard so', async () => {
    const userId = await newUser()
    stage.world.addFault({ kind: 'slow-answer', method: 'copyMessage', chatId: userId, delayMs: HELD_MS })
    answer(userId)
    await stage.world.waitForMessage({ chatId: userId, fromBot: true, text: '#answer#' })
    await stage.kill(bot)
    await startAgain()
    await expectAnswered(userId, 2)
  })
})

describe('an album arrives whole and in order and is charged once when the bot is killed', () => {
  // Documents, of which each shows its own words.
  const items = ['a', 'b', 'c'].map((mark) => ({ kind: 'document' as const, caption: `#${mark}#` }))

  test('between its parts', async () => {
    const userId = await newUser()
    const sent = stage.world.sendAlbum({ userId, items, gapMs: 400 })
    await until(async () => (await openUpdates()) === 2, 'two parts to be stored')
    await stage.kill(bot)
    await sent
    await startAgain()
    await arrived(userId, 'first')
    await stage.settle()
    expectTopic(userId).toEqual(['first', 'a', 'b', 'c'])
    expect(await chargesOf(stage, userId)).toEqual([-1, -3])
    await expectSound(stage)
  })

  test('after Telegram took it, before the bot heard so; then it stands there twice', async () => {
    const userId = await newUser()
    stage.world.addFault({ kind: 'slow-answer', method: 'sendMediaGroup', chatId: GROUP, delayMs: HELD_MS })
    await stage.world.sendAlbum({ userId, items })
    await arrived(userId, 'a')
    await stage.kill(bot)
    await startAgain()
    await stage.settle()
    expectTopic(userId).toEqual(['first', 'a', 'b', 'c'])
    expect(timesOf(topicOf(stage, userId).messages, 'c')).toBe(2)
    expect(await chargesOf(stage, userId)).toEqual([-1, -3])
    await expectSound(stage)
  })
})
