import { expect, onTestFinished, test } from 'vitest'
import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { eventually, startBotStage } from '#testing/bot-stage.ts'

test('once the bot sees its group the team is no longer told that the group has moved or is not there', async () => {
  const stage = await startBotStage()
  onTestFinished(() => stage.close())
  const common = { severity: 'urgent', title: 'x', detail: 'x' } as const
  await raiseAlert(stage.prisma, { ...common, key: 'group:migrated' })
  await raiseAlert(stage.prisma, { ...common, key: 'topic:elsewhere' })
  await raiseAlert(stage.prisma, { ...common, key: 'outbox:relay' })
  await stage.restart()
  const open = () => stage.prisma.alert.findMany({ where: { resolvedAt: null }, select: { key: true } })
  await eventually(open, (alerts) => alerts.length === 1)
  expect(await open()).toEqual([{ key: 'outbox:relay' }])
})
