import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAccept } from '#bot/accept.ts'
import type { BotServices } from '#bot/context.ts'
import { incomingMessage } from '#bot/features/incoming-message.ts'
import type { IncomingMessage } from '#core/conversations/accept-messages.ts'
import type { Database } from '#core/db.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import { createStage, type Stage } from '#testing/outbox/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createStage()
})
afterEach(() => stage.close())

test('a message accepted by a statement whose answer was lost does not come after the next one', async () => {
  const outbox = stage.dispatch()
  const { loseNextAnswer, pool } = unreliable(stage.database.pool)
  const services = {
    config: { botId: 123456 },
    database: { ...stage.database, pool },
    settings: { current: { ...settingsSchema.parse({}), receipts: 'off' } },
    log: pino({ level: 'silent' }),
  } as unknown as BotServices
  const accept = createAccept(services, outbox)
  const user = await stage.createUser()
  await accept(say(user.id, 'zero'))
  await stage.untilSent()
  const first = say(user.id, 'first')
  loseNextAnswer()
  await expect(accept(first)).rejects.toThrow('terminated')
  // The update is tried again before its lane goes on.
  expect(await accept(first)).toMatchObject({ status: 'duplicate' })
  await accept(say(user.id, 'second'))
  await stage.untilSent()
  expect(stage.relayedLines(user.id)).toEqual(['zero', 'first', 'second'])
})

function say(userId: number, text: string): IncomingMessage {
  const { reply_to_message: _, ...message } = stage.world.sendText({ userId, text })
  const incoming = incomingMessage([{ update_id: 1, message: message as never }])
  if (!incoming) throw new Error('No message')
  return incoming
}

/** The same connections, but the answer to an accepting statement may get lost after it has taken effect. */
function unreliable(pool: Database['pool']): { loseNextAnswer: () => void; pool: Database['pool'] } {
  let isToBeLost = false
  const losing = new Proxy(pool, {
    get(target, key) {
      if (key !== 'query') return Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key)
      return async (query: { name?: string }, ...rest: unknown[]) => {
        const answer = await (target.query as (...all: unknown[]) => Promise<unknown>)(query, ...rest)
        if (!isToBeLost || query.name !== 'accept_messages') return answer
        isToBeLost = false
        throw new Error('Connection terminated unexpectedly')
      }
    },
  })
  return {
    loseNextAnswer: () => {
      isToBeLost = true
    },
    pool: losing,
  }
}
