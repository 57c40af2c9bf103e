import { expect, onTestFinished, test } from 'vitest'
import { createStage, until } from '#testing/outbox/stage.ts'

test('a message that is accepted while the failure of the one before is being recorded does not overtake it', async () => {
  const stage = await createStage()
  onTestFinished(() => stage.close())
  const user = await stage.createUser({ firstName: 'Ann' })
  const outbox = stage.dispatch({ timeoutMs: 1_500, backoff: () => 300, leaseCheckMs: 60_000 })
  const write = (text: string) => stage.accept([stage.world.sendText({ userId: user.id, text })], outbox)
  await write('zero')
  await stage.untilSent()
  // Telegram is so slow that we give up; much later it carries the call out all the same.
  stage.world.addFault({ kind: 'slow', method: 'sendMessage', delayMs: 10_000 })
  await write('one')
  const recording = await stage.database.pool.connect()
  try {
    await recording.query('BEGIN')
    await recording.query('SELECT 1 FROM outbox WHERE lane = $1 FOR UPDATE', [`topic:${user.id}`])
    await until(async () => {
      const { rowCount } = await stage.database.pool.query(
        `SELECT 1 FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0`,
      )
      return rowCount === 1
    })
    // The database still says that we hold the lane, and gives us this one.
    expect(await write('two')).toMatchObject({ leased: { relayId: expect.anything() } })
  } finally {
    await recording.query('ROLLBACK')
    recording.release()
  }
  await stage.untilSent()
  expect(stage.topicMessages(user.id).map(({ text }) => text?.split('\n')[1])).toEqual(['zero', 'one', 'two'])
})
