import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { listBotFacts } from '#core/health/heartbeat.ts'
import { type BotStage, eventually, startBotStage } from '#testing/bot-stage.ts'

let stage: BotStage
beforeAll(async () => {
  stage = await startBotStage()
})
afterAll(() => stage.close())

const factsOf = async ({ prisma }: BotStage) =>
  (await listBotFacts(prisma, { now: new Date(), withinMs: 60_000 })).map(({ facts }) => facts)
const trouble = (key: string) => raiseAlert(stage.prisma, { key, severity: 'urgent', title: 'x', detail: 'x' })
const openAlerts = async () => {
  const alerts = await stage.prisma.alert.findMany({ where: { resolvedAt: null }, select: { key: true } })
  return alerts.map(({ key }) => key)
}

test('a process tells where people write, that it polls and that it sees its group', async () => {
  const [facts] = await eventually(
    () => factsOf(stage),
    ([first]) => first?.polling === true,
  )
  expect(facts).toMatchObject({ leader: true, groupConnected: true, lastPollAt: expect.any(String) })
  expect(facts?.chatUrl).toMatch(/^https:\/\/telegram\.test\/\w+$/)
})

test('once the bot sees its group the team is no longer told that the group has moved or is not there', async () => {
  for (const key of ['group:migrated', 'topic:elsewhere', 'outbox:relay']) await trouble(key)
  await stage.restart()
  await eventually(openAlerts, (keys) => keys.length === 1)
  expect(await openAlerts()).toEqual(['outbox:relay'])
})

test('once updates come again the team is no longer told that they do not, and a process that ended is forgotten', async () => {
  for (const key of ['telegram.conflict', 'telegram.unauthorized', 'outbox:relay']) await trouble(key)
  await stage.restart()
  await eventually(openAlerts, (keys) => keys.length === 1)
  expect(await openAlerts()).toEqual(['outbox:relay'])
  expect(await factsOf(stage)).toHaveLength(1)
})

test('a group without topics does not count as connected', async () => {
  const plain = await startBotStage({ isForum: false })
  onTestFinished(() => plain.close())
  const [facts] = await eventually(
    () => factsOf(plain),
    (all) => all.length > 0,
  )
  expect(facts?.groupConnected).toBe(false)
})
