/** What waits for credits and what was unlocked, when the bot is killed in the middle of it and started again. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { contentMediaOf } from '#core/content/content-part.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import type { BotProcess } from '#testing/bot-process.ts'
import { newContent } from '#testing/payments/content.ts'
import { type Fate, hold } from './hold.ts'
import { chargesOf, expectSound, GROUP, marks, OLIVIA, openStage, type Stage, topicOf } from './stage.ts'

const HELD_MS = 15_000
const FATES: Fate[] = ['never', 'later']

vi.setConfig({ testTimeout: 120_000 })

let stage: Stage
let bot: BotProcess

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
beforeEach(async () => {
  bot = await stage.startBot()
  return () => stage.kill(bot)
})

async function killAndStartAgain(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await stage.kill(bot)
  await meanwhile()
  bot = await stage.startBot()
}

test.each(FATES)(
  'messages that waited go out in order, each charged once, when a statement between them is made %s',
  async (fate) => {
    const userId = await stage.userWith(0)
    const sent = ['one', 'two', 'three'].map((mark) => stage.world.sendText({ userId, text: `#${mark}#` }))
    for (const { message_id: afterMessageId } of sent) {
      await stage.world.waitForMessage({ chatId: userId, text: 'Not sent yet', afterMessageId })
    }
    await stage.settle()
    const second = [userId, sent[1]?.message_id]
    const between = await hold(
      stage,
      'SELECT 1 FROM kept_messages WHERE user_id = $1 AND user_message_id = $2 FOR UPDATE',
      second,
    )
    await postEntry(stage.db.prisma, {
      userId: BigInt(userId),
      kind: 'gift',
      ref: `late:${userId}`,
      paidDelta: 10,
      contra: 'promotions',
      actor: 'system',
    })
    await between.caught()
    await killAndStartAgain(() => between.decide(fate))
    await stage.settle()
    expect(marks(topicOf(stage, userId).messages)).toEqual(['one', 'two', 'three'])
    expect(await chargesOf(stage, userId)).toEqual([-1, -1, -1])
    await expectSound(stage)
  },
)

/** A locked photo, and its teaser in the chat of somebody who can pay. */
async function newTeaser() {
  const media = contentMediaOf(stage.world.sendMedia({ userId: OLIVIA, chatId: GROUP, kind: 'photo' }))
  if (!media) throw new Error('that is no media')
  const { id } = await newContent(stage.db.prisma, { media: [media] })
  const userId = await stage.userWith(100)
  stage.world.sendText({ userId, text: `/start c_${id}` })
  const { messageId } = await stage.world.waitForMessage({ chatId: userId, text: '🔒' })
  await stage.settle()
  const label = '🔓 Unlock for 50 credits'
  return { userId, tap: () => stage.world.pressButton({ chatId: userId, messageId, userId, label }) }
}

const copiesOf = (userId: number) =>
  stage.world.listMessages({ chatId: userId }).filter(({ protectedContent }) => protectedContent).length
const unlockCharges = (userId: number) => stage.count(`ledger_entries WHERE kind = 'unlock' AND user_id = $1`, [userId])

test.each(FATES)(
  'content is charged once and comes, when the statement that takes the credits is made %s',
  async (fate) => {
    const { userId, tap } = await newTeaser()
    const account = await hold(stage, 'SELECT 1 FROM accounts WHERE user_id = $1 FOR UPDATE', [userId])
    tap()
    await account.caught()
    await killAndStartAgain(() => account.decide(fate))
    await stage.settle()
    expect(await unlockCharges(userId)).toBe(1)
    expect(copiesOf(userId)).toBe(1)
    await expectSound(stage)
  },
)

test('content comes again rather than not at all when nobody heard that it was sent, and is charged once', async () => {
  const { userId, tap } = await newTeaser()
  stage.world.addFault({ kind: 'slow-answer', method: 'sendPhoto', delayMs: HELD_MS })
  tap()
  await stage.world.waitFor(() => stage.world.listFaults().length === 0)
  await killAndStartAgain()
  await stage.settle()
  expect(await unlockCharges(userId)).toBe(1)
  expect(copiesOf(userId)).toBeGreaterThanOrEqual(1)
  await expectSound(stage)
})
