import { afterEach, beforeEach, expect, test } from 'vitest'
import { raiseAlert } from '#core/alerts/raise-alert.ts'
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

const readsTrouble = (chatId: number) =>
  stage.world.listMessages({ chatId }).filter(({ text }) => text?.includes('Trouble'))

test('an alert with a title and a detail longer than a message arrives', async () => {
  stage.dispatch()
  const [title, detail] = [`Trouble ${'x'.repeat(5_000)}`, 'y'.repeat(5_000)]
  await raiseAlert(stage.database.prisma, { key: 'x', severity: 'urgent', title, detail })
  await stage.untilSent()
  expect(await stage.deadRows()).toEqual([])
  expect(readsTrouble(stage.group.id)).toHaveLength(1)
})

test('an owner reads an alert once while the group makes the bot wait', async () => {
  await stage.database.prisma.teamMember.create({ data: { id: BigInt(stage.owner.id), name: 'Olga', role: 'owner' } })
  stage.world.sendText({ userId: stage.owner.id, text: '/start' })
  stage.world.addFault({ kind: '500', method: 'sendMessage', chatId: stage.group.id, times: 5 })
  stage.dispatch()
  await raiseAlert(stage.database.prisma, { key: 'x', severity: 'urgent', title: 'Trouble', detail: 'y' })
  await stage.untilSent()
  expect(readsTrouble(stage.owner.id)).toHaveLength(1)
})

test('an alert that nobody could be told is told once the group answers again', async () => {
  stage.world.addFault({ kind: '500', method: 'sendMessage', chatId: stage.group.id, times: 2 })
  stage.dispatch()
  await raiseAlert(stage.database.prisma, { key: 'x', severity: 'urgent', title: 'Trouble', detail: 'y' })
  await stage.untilSent()
  expect(readsTrouble(stage.group.id)).toHaveLength(1)
  expect(stage.world.listFaults()).toEqual([])
})

test('an alert is for owners alone, and not for one who was shut out', async () => {
  const people = ['owner', 'former owner', 'admin'].map((firstName) => stage.world.createUser({ firstName }))
  const [owner, former, admin] = people.map(({ id, first_name: name }) => ({ id: BigInt(id), name }))
  if (!owner || !former || !admin) throw new Error('Nobody is there')
  await stage.database.prisma.teamMember.createMany({
    data: [
      { ...owner, role: 'owner' },
      { ...former, role: 'owner', disabledAt: new Date() },
      { ...admin, role: 'admin' },
    ],
  })
  stage.dispatch()
  await raiseAlert(stage.database.prisma, { key: 'x', severity: 'urgent', title: 'Trouble', detail: 'y' })
  await stage.untilSent()
  expect(people.map(({ id }) => readsTrouble(id).length)).toEqual([1, 0, 0])
})

test('an alert follows the group to its new place, whose id is told', async () => {
  const basic = stage.world.createGroup({ kind: 'group', ownerId: stage.owner.id })
  const { chatId } = stage.world.migrateGroup({ chatId: basic.id })
  stage.dispatch({ groupId: basic.id })
  await raiseAlert(stage.database.prisma, { key: 'x', severity: 'urgent', title: 'Trouble', detail: 'y' })
  await until(async () => (await openAlerts()).includes('group:migrated'))
  await stage.untilSent()
  expect(readsTrouble(chatId)).toHaveLength(1)
})

test('of trouble that is met twice in the same instant the team is told once', async () => {
  const trouble = { key: 'topic:x', severity: 'urgent', title: 'Trouble', detail: 'x' } as const
  // One instant for certain: within a transaction the clock stands still.
  await stage.database.prisma.$transaction(async (tx) => {
    await raiseAlert(tx, trouble)
    await raiseAlert(tx, trouble)
  })
  expect(await stage.openRows()).toHaveLength(1)
})
