import { afterEach, beforeEach, expect, test } from 'vitest'
import { eraseUser } from '#core/privacy/erase-user.ts'
import { createStage, type Stage } from '#testing/outbox/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createStage()
})
afterEach(() => stage.close())

/** Somebody with a topic, who asks to be forgotten after `before`; answers what became of the topic. */
async function forget(before: (threadId: number) => void = () => {}) {
  const user = await stage.createUser({ firstName: 'Annabel' })
  const outbox = stage.dispatch()
  await stage.accept([stage.world.sendText({ userId: user.id, text: 'Hello' })], outbox)
  await stage.untilSent()
  const [topic] = stage.world.listTopics({ chatId: stage.group.id })
  if (!topic) throw new Error('No topic')
  before(topic.threadId)
  await eraseUser(stage.database.prisma, { userId: BigInt(user.id), now: new Date() })
  await stage.untilSent()
  expect(await stage.deadRows()).toEqual([])
  expect(await stage.database.prisma.alert.count()).toBe(0)
  const left = stage.world.listTopics({ chatId: stage.group.id, withDeleted: true })
  return { user, topic: left.find(({ threadId }) => threadId === topic.threadId) }
}

test('the topic of somebody who was forgotten is deleted where the owner wants that', async () => {
  stage.settings.erasedTopics = 'delete'
  expect((await forget()).topic).toMatchObject({ deleted: true })
})

test('a topic is put away to the end though Telegram falters on the way', async () => {
  const { user, topic } = await forget(() => {
    for (const method of ['deleteMessage', 'editForumTopic', 'closeForumTopic']) {
      stage.world.addFault({ kind: '500', method })
    }
  })
  expect(topic).toMatchObject({ name: `👤 ${user.id} (${user.id})`, closed: true })
  expect(stage.world.listTopics({ chatId: stage.group.id })[0]?.pinnedMessageIds).toEqual([])
})

test('a topic that is gone already is nothing to put away, and no trouble', async () => {
  const { topic } = await forget((threadId) => stage.world.deleteTopic({ chatId: stage.group.id, threadId }))
  expect(topic).toMatchObject({ deleted: true })
})
