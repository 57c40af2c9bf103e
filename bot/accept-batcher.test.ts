import { expect, test } from 'vitest'
import { createAcceptBatcher } from '#bot/accept-batcher.ts'
import type { AcceptOutcome, IncomingMessage } from '#core/conversations/accept-messages.ts'

const message = (userId: number, messageId = 1): IncomingMessage => ({
  userId,
  firstName: 'Ann',
  lastName: null,
  username: null,
  languageCode: null,
  albumId: null,
  preview: '',
  parts: [{ messageId, kind: 'text', text: '', content: {} }],
  updateIds: [messageId],
})

/** A flush that answers each message with the number of its batch. */
function recordingFlush() {
  const batches: IncomingMessage[][] = []
  const flush = async (messages: IncomingMessage[]): Promise<AcceptOutcome[]> => {
    const cost = batches.push(messages)
    await new Promise((resolve) => setImmediate(resolve))
    return messages.map(({ userId }) => ({ status: 'insufficient', cost, credits: userId, passUntil: null }))
  }
  return { batches, flush }
}

test('messages that arrive together share a batch and each gets its own outcome', async () => {
  const { batches, flush } = recordingFlush()
  const accept = createAcceptBatcher({ flush })
  const outcomes = await Promise.all([1, 2, 3].map((userId) => accept(message(userId))))
  expect(batches).toHaveLength(1)
  expect(outcomes.map((outcome) => 'credits' in outcome && outcome.credits)).toEqual([1, 2, 3])
})

test('two messages of one user never share a batch and keep their order', async () => {
  const { batches, flush } = recordingFlush()
  const accept = createAcceptBatcher({ flush, maxInFlight: 1 })
  await Promise.all([accept(message(1, 10)), accept(message(2, 11)), accept(message(1, 12)), accept(message(1, 13))])
  expect(batches.map((batch) => batch.map(({ parts }) => parts[0]?.messageId))).toEqual([[10, 11], [12], [13]])
})

test('a batch is never larger than its bound, and nothing is left behind', async () => {
  const { batches, flush } = recordingFlush()
  const accept = createAcceptBatcher({ flush, maxBatch: 10 })
  await Promise.all(Array.from({ length: 95 }, (_, index) => accept(message(index))))
  expect(Math.max(...batches.map((batch) => batch.length))).toBe(10)
  expect(batches.flat()).toHaveLength(95)
})

test('a failed batch fails its own messages only', async () => {
  let calls = 0
  const accept = createAcceptBatcher({
    maxBatch: 1,
    flush: async (messages) => {
      if (++calls === 1) throw new Error('database away')
      return messages.map(() => ({ status: 'duplicate' }))
    },
  })
  const results = await Promise.allSettled([accept(message(1)), accept(message(2))])
  expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled'])
})
