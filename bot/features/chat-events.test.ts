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
