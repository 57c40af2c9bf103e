import { afterEach, beforeEach, expect, test } from 'vitest'
import { retryFailedTopics } from '#core/topics/topic-state.ts'
import { createStage, type Stage, until } from '#testing/outbox/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createStage()
})
afterEach(() => stage.close())

const write = (userId: number, text: string) => stage.world.sendText({ userId, text })

async function openAlerts(): Promise<string[]> {
  const alerts = await stage.database.prisma.alert.findMany({ where: { resolvedAt: null } })
  return alerts.map(({ key }) => key)
}

test('the alert that topics cannot be made is over when one was made', async () => {
  const user = await stage.createUser()
  const outbox = stage.dispatch()
  const { id: chatId } = stage.group
  stage.world.setBotMembership({ chatId, rights: { can_manage_topics: false } })
  await stage.accept([write(user.id, 'one')], outbox)
  await until(async () => (await openAlerts()).length > 0)
  expect(await openAlerts()).toEqual(['topic:no-rights'])
  stage.world.setBotMembership({ chatId, rights: { can_manage_topics: true } })
  await retryFailedTopics(stage.database.pool)
  const other = await stage.createUser()
  await stage.accept([write(other.id, 'one')], outbox)
  await until(async () => (await openAlerts()).length === 0)
})

test('the alert that cards cannot be pinned is over when one was pinned', async () => {
  const [first, second] = [await stage.createUser(), await stage.createUser()]
  const outbox = stage.dispatch()
  const { id: chatId } = stage.group
  stage.world.setBotMembership({ chatId, rights: { can_pin_messages: false } })
  await stage.accept([write(first.id, 'one')], outbox)
  await until(async () => (await openAlerts()).length > 0)
  expect(await openAlerts()).toEqual(['card:pin'])
  stage.world.setBotMembership({ chatId, rights: { can_pin_messages: true } })
  await stage.accept([write(second.id, 'one')], outbox)
  await until(async () => (await openAlerts()).length === 0)
})
