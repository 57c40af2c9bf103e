import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createVerbs } from '../telegram/verbs/all-verbs.ts'
import { World } from '../telegram/world/world.ts'
import { createDemoWorld } from './demo-world.ts'
import { restoreWorld, saveWorld } from './world-file.ts'

const bot = { id: 7, is_bot: true, first_name: 'Paydesk', username: 'paydesk_bot' }
const group = -1_001_000_000_001
const demo = {
  worldId: 'w',
  groupId: group,
  ownerId: 1,
  publicUrl: 'http://x',
  bot: { id: 7, name: 'Paydesk', username: 'paydesk_bot' },
}
const somewhere = () => join(mkdtempSync(join(tmpdir(), 'world-')), 'deep', 'world.bin')

function open(path: string, botId = 7) {
  const world = new World({ bot: { ...bot, id: botId } })
  const restoredId = restoreWorld(world, path)
  const verbs = createVerbs(world)
  const setup = createDemoWorld(verbs, demo)
  return { world, verbs, setup, restoredId }
}

test('after a restart the chats are there and no message id is given twice', () => {
  const path = somewhere()
  const before = open(path)
  const userId = before.setup.peopleIds[0] ?? 0
  const photo = before.verbs.sendMedia({ userId, kind: 'photo', caption: 'look' })
  const answer = before.verbs.sendText({ userId, text: 'hello', replyTo: photo.message_id })
  const topic = before.verbs.createTopic({ chatId: group, userId: 1, name: 'Ann' })
  saveWorld(before.world, path, 'first')

  const after = open(path)
  expect(after.restoredId).toBe('first')
  expect(after.setup).toEqual(before.setup)
  expect(after.verbs.listMessages({ chatId: userId })).toEqual(before.verbs.listMessages({ chatId: userId }))
  expect(after.verbs.listTopics({ chatId: group })).toEqual(before.verbs.listTopics({ chatId: group }))
  expect(after.verbs.sendText({ userId, text: 'again' }).message_id).toBeGreaterThan(answer.message_id)
  const next = after.verbs.sendText({ userId: 1, chatId: group, threadId: topic.threadId, text: 'x' })
  expect(next.message_id).toBeGreaterThan(topic.threadId)
})

test('a world of another bot is not taken over', () => {
  const path = somewhere()
  saveWorld(open(path).world, path, 'first')
  expect(open(path, 8).restoredId).toBeNull()
})

test('at the first start the bot may write to its owner, and to nobody else yet', () => {
  const { verbs } = open(somewhere())
  const started = verbs.listUsers().filter((person) => person.started)
  expect(started.map(({ user }) => user.id)).toEqual([demo.ownerId])
})

test('the demo world is the same at every first start', () => {
  expect(open(somewhere()).setup).toEqual(open(somewhere()).setup)
})
