import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BotStage, startBotStage } from '#testing/bot-stage.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage({ isForum: false })
})
afterAll(() => stage.close())

test('when the group gets a new id, what the team does in its new place is still the team’s', async () => {
  const { world, owner } = stage
  const { chatId } = world.migrateGroup({ chatId: stage.groupId })
  world.sendText({ userId: owner.id, chatId, text: '/content' })
  await world.waitForMessage({ chatId, fromBot: true })
  const user = await stage.newUser({ credits: 5 }, { firstName: 'Ann' })
  world.sendText({ userId: user.id, text: 'hello' })
  const { messageId } = await world.waitForMessage({ chatId, text: 'hello' })
  const pressed = world.pressButton({ chatId, messageId, userId: owner.id, data: `t1:info:${user.id}` })
  expect((await world.waitForCallbackAnswer(pressed.callbackQueryId ?? '')).text).toContain(`Ann · ${user.id}`)
})

test('a card that could not be pinned is pinned once the bot may pin again', async () => {
  const forum = await startBotStage()
  const { world, groupId: chatId } = forum
  try {
    world.setBotMembership({ chatId, rights: { can_pin_messages: false } })
    const user = await forum.newUser()
    world.sendText({ userId: user.id, text: 'hello' })
    const threadId = await forum.topicOf(user.id)
    await world.waitForMessage({ chatId, threadId, text: 'hello' })
    await forum.settle()
    const pins = () => world.calls({ method: 'pinChatMessage' }).length
    world.sendText({ userId: user.id, text: 'again' })
    await world.waitForMessage({ chatId, threadId, text: 'again' })
    expect(pins()).toBe(1)
    world.setBotMembership({ chatId, rights: { can_pin_messages: true } })
    await forum.settle()
    // What is known of people is kept for a few seconds, but not over a restart.
    await forum.restart()
    world.sendText({ userId: user.id, text: 'at last' })
    await world.waitForMessage({ chatId, threadId, where: ({ pinned }) => pinned })
  } finally {
    await forum.close()
  }
})
