import { GrammyError } from 'grammy'
import { expect, test } from 'vitest'
import { classifyPollFailure } from '#bot/ingest/poll-failure.ts'

const refusal = (error_code: number, parameters = {}) =>
  new GrammyError('failed', { ok: false, error_code, description: 'because', parameters }, 'getUpdates', {})

test.each([
  ['409', refusal(409), { kind: 'conflict', detail: 'because' }],
  ['401', refusal(401), { kind: 'unauthorized', detail: 'because' }],
  ['404, which a token of the wrong shape gets,', refusal(404), { kind: 'unauthorized', detail: 'because' }],
  ['429', refusal(429, { retry_after: 7 }), { kind: 'limited', retryAfterMs: 7_000 }],
  ['429 without a time', refusal(429), { kind: 'limited', retryAfterMs: 1_000 }],
  ['500', refusal(500), { kind: 'unreachable' }],
  ['no answer', new TypeError('fetch failed'), { kind: 'unreachable' }],
])('a poll that ends with %s', (_, error, failure) => {
  expect(classifyPollFailure(error)).toEqual(failure)
})
