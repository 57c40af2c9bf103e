import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MOST_KEPT } from '#core/kept-messages/keep-message.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ hasProducts: true })
})
afterAll(() => stage.close())

const DROP = '✖️ Don’t send'.replace('’', "'")

/** Somebody without credits, whose message waits. */
async function newWaiting(text = 'let me in') {
  const user = await stage.newUser({ credits: 0 })
  const refusal = await write(user.id, text)
  return { user, refusal }
}

async function write(userId: number, text: string): Promise<MessageView> {
  const { message_id } = stage.world.sendText({ userId, text })
  return stage.world.waitForMessage({ chatId: userId, text: 'Not sent yet', afterMessageId: message_id })
}

let gifts = 0
function give(userId: number, paidDelta: number) {
  gifts += 1
  const gift = { userId: BigInt(userId), kind: 'gift', ref: `given:${gifts}` } as const
  return stage.prisma.$transaction((tx) => postEntry(tx, { ...gift, paidDelta, contra: 'promotions', actor: 'system' }))
}

const keptOf = (userId: number) => stage.prisma.keptMessage.findMany({ where: { userId: BigInt(userId) } })

async function relayedTo(userId: number) {
  const threadId = await stage.topicOf(userId)
  return stage.inTopic(threadId).map(({ text }) => text?.split('\n').at(-1))
}

test('a message that could not be paid goes out by itself after a purchase, charged once, and its writer is told', async () => {
  const { user, refusal } = await newWaiting()
  expect(refusal.text).toContain('It goes out by itself once you have enough, within 24 hours.')
  expect(refusal.buttons?.flat().map(({ text }) => text)).toContain(DROP)
  await give(user.id, 10)
  await stage.world.waitForMessage({ chatId: user.id, text: 'Your waiting message is on its way now.' })
  await stage.settle()
  expect(await relayedTo(user.id)).toEqual(['let me in'])
  expect(await stage.spendings(user.id)).toEqual([1])
  expect((await stage.tap(refusal, user.id, { label: DROP })).text).toBe('This message does not wait any more.')
})

test('whoever writes more than can wait is told that the oldest one will not be sent', async () => {
  const { user, refusal } = await newWaiting('0')
  for (let count = 1; count < MOST_KEPT; count++) {
    expect((await write(user.id, String(count))).text).not.toContain('the oldest one')
  }
  const { text } = await write(user.id, 'one too many')
  expect(text).toContain('Only your newest 10 messages wait like this; the oldest one was let go.')
  expect((await stage.tap(refusal, user.id, { label: DROP })).text).toBe('This message does not wait any more.')
})

test('several go out in their order, an album stays one, and the rest waits for more', async () => {
  const { user } = await newWaiting('first')
  const album = await stage.world.sendAlbum({
    userId: user.id,
    items: [{ kind: 'photo', caption: 'second' }, { kind: 'photo' }],
  })
  await stage.world.waitForMessage({
    chatId: user.id,
    text: 'costs 3 credits',
    afterMessageId: album.at(-1)?.message_id,
  })
  await write(user.id, 'third')
  await give(user.id, 4)
  await stage.world.waitForMessage({ chatId: user.id, text: 'Your 2 waiting messages are on their way now.' })
  await stage.world.waitForMessage({ chatId: user.id, text: 'Your waiting message costs 1 credit and you have 0.' })
  await give(user.id, 1)
  await stage.world.waitForMessage({ chatId: user.id, text: 'Your waiting message is on its way now.' })
  await stage.settle()
  expect(await relayedTo(user.id)).toEqual(['first', 'second', undefined, 'third'])
  const threadId = await stage.topicOf(user.id)
  const parts = stage.inTopic(threadId).filter(({ albumId }) => albumId)
  expect(new Set(parts.map(({ albumId }) => albumId)).size).toBe(1)
  expect(await stage.spendings(user.id)).toEqual([1, 3, 1])
})

describe('called back', () => {
  test('a message is never sent', async () => {
    const { user, refusal } = await newWaiting()
    await stage.tap(refusal, user.id, { label: DROP })
    await stage.world.waitForMessage({ chatId: user.id, text: 'Not sent. Nothing was charged.' })
    await give(user.id, 10)
    await stage.settle()
    expect(await stage.messagesOf(user.id)).toEqual([])
    expect(await stage.spendings(user.id)).toEqual([])
  })

  test('by somebody else it still goes out', async () => {
    const { user } = await newWaiting()
    const other = await newWaiting('mine')
    const [kept] = await keptOf(user.id)
    const said = await stage.tap(other.refusal, other.user.id, { data: `k1:x:${kept?.id}` })
    expect(said.text).toBe('This message does not wait any more.')
    await give(user.id, 10)
    await stage.settle()
    expect(await relayedTo(user.id)).toEqual(['let me in'])
  })
})

test('what was edited while it waited goes out as it is now', async () => {
  const user = await stage.newUser({ credits: 0 })
  const { message_id: messageId } = stage.world.sendText({ userId: user.id, text: 'tpyo' })
  await stage.world.waitForMessage({ chatId: user.id, text: 'Not sent yet' })
  stage.world.editMessage({ chatId: user.id, messageId, text: 'typo' })
  await stage.settle()
  await give(user.id, 10)
  await stage.settle()
  expect((await stage.messagesOf(user.id)).map(({ text }) => text)).toEqual(['typo'])
  expect(await relayedTo(user.id)).toEqual(['typo'])
})

test('the same update again, while it waits and after it was sent, charges and sends nothing more', async () => {
  const { user } = await newWaiting()
  stage.world.duplicateUpdate({ newId: true })
  await stage.settle()
  expect(await keptOf(user.id)).toHaveLength(1)
  await give(user.id, 10)
  await stage.settle()
  stage.world.duplicateUpdate({ newId: true })
  await stage.settle()
  expect(await stage.spendings(user.id)).toEqual([1])
  expect(await relayedTo(user.id)).toEqual(['let me in'])
})

test('a purchase in the very moment of the refusal is not missed', async () => {
  const users = await Promise.all(Array.from({ length: 10 }, () => stage.newUser({ credits: 0 })))
  await Promise.all(
    users.map(async ({ id }) => {
      stage.world.sendText({ userId: id, text: 'now' })
      await give(id, 5)
    }),
  )
  for (const { id } of users) {
    await eventually(
      () => stage.spendings(id),
      (spent) => spent.length === 1,
    )
  }
  await stage.settle()
  for (const { id } of users) expect(await stage.spendings(id)).toEqual([1])
})

test('sending the same words again after the purchase is a message of its own, each charged once', async () => {
  const { user } = await newWaiting('hello?')
  stage.world.sendText({ userId: user.id, text: 'hello?' })
  await give(user.id, 10)
  await stage.settle()
  await eventually(
    () => stage.spendings(user.id),
    (spent) => spent.length === 2,
  )
  expect(await stage.messagesOf(user.id)).toHaveLength(2)
})

test('what was owed when the bot went down goes out when it is back, once', async () => {
  const { user } = await newWaiting()
  stage.world.holdUpdates()
  const restarted = stage.restart()
  await give(user.id, 10)
  await restarted
  stage.world.releaseUpdates()
  await stage.settle()
  expect(await relayedTo(user.id)).toEqual(['let me in'])
  expect(await stage.spendings(user.id)).toEqual([1])
})
