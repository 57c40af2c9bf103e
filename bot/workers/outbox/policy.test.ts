import { GrammyError, HttpError } from 'grammy'
import { expect, test } from 'vitest'
import { LimiterStoppedError } from '#bot/telegram/limiter.ts'
import { exponentialBackoff, judge } from '#bot/workers/outbox/policy.ts'

const answer = (code: number, description: string, parameters = {}) =>
  new GrammyError('Call failed', { ok: false, error_code: code, description, parameters }, 'sendMessage', {})
const transport = (code: string) => new HttpError('Network', Object.assign(new Error(code), { code }))

const blocked = answer(403, 'Forbidden: bot was blocked by the user')
const noRights = answer(400, 'Bad Request: not enough rights to send text messages to the chat')
const gone = answer(400, 'Bad Request: chat not found')
const topicGone = answer(400, 'Bad Request: message thread not found')
const refused = answer(400, 'Bad Request: message is too long')
const broken = answer(500, 'Internal Server Error')
const lost = transport('ECONNRESET')
const notSent = transport('ECONNREFUSED')
const limited = answer(429, 'Too Many Requests', { retry_after: 7 })
const unauthorized = answer(401, 'Unauthorized')
const migrated = answer(400, 'Bad Request: group chat was upgraded', { migrate_to_chat_id: -1009 })

const verdict = (error: unknown, purpose: string, failed = 0) => judge(error, purpose, failed, () => 5)
const again = (unknown: boolean, attempts = 1) => ({ do: 'again', afterMs: 5, attempts, unknown })
/** How many tries somebody gets with whom every one ends in the same error; endless ones are cut off. */
function triesOf(error: unknown, purpose: string): number {
  for (let failed = 0; failed < 1_000; failed++) if (verdict(error, purpose, failed).do === 'bury') return failed + 1
  return Number.POSITIVE_INFINITY
}

test('what did not leave because we stop is given back untouched', () => {
  expect(verdict(new LimiterStoppedError(), 'relay')).toEqual({ do: 'release' })
  expect(verdict(new HttpError('Network', new LimiterStoppedError()), 'reply')).toEqual({ do: 'release' })
})

test('a call that may have been carried out is tried again as such, one that surely was not is not', () => {
  expect(verdict(lost, 'reply')).toEqual(again(true))
  expect(verdict(broken, 'reply')).toEqual(again(true))
  expect(verdict(notSent, 'reply')).toEqual(again(false))
})

test('waiting because Telegram says so costs no try', () => {
  expect(verdict(limited, 'reply', 3)).toEqual({ do: 'again', afterMs: 7_000, attempts: 3, unknown: false })
})

test('a group that moved is followed at once', () => {
  expect(verdict(migrated, 'relay')).toMatchObject({ do: 'again', afterMs: 0 })
})

test.each<[string, unknown, string, number]>([
  ['as long as Telegram cannot be reached', notSent, 'reply', Number.POSITIVE_INFINITY],
  ['as long as the token is refused', unauthorized, 'reply', Number.POSITIVE_INFINITY],
  ['as long as Telegram asks to wait', limited, 'receipt', Number.POSITIVE_INFINITY],
  ['eight times when answers get lost, since each may show it once more', lost, 'reply', 8],
  ['thirty times when Telegram fails', broken, 'relay', 30],
  ['thirty times when we fail', new Error('a fault of ours'), 'relay', 30],
  ['five times for a receipt, which is late by then', broken, 'receipt', 5],
  ['five times for a receipt whose answers get lost', lost, 'receipt', 5],
  ['once for what Telegram refuses', refused, 'relay', 1],
  ['once for somebody who stopped the bot', blocked, 'reply', 1],
  ['once for a chat that is gone', gone, 'reply', 1],
  ['thirty times for a message to the team while its group is not right', gone, 'relay', 30],
  ['thirty times for a message to the team that the bot may not send', noRights, 'relay', 30],
  ['thirty times for a message to the team whose topic is gone', topicGone, 'relay', 30],
])('it is tried %s', (_, error, purpose, tries) => {
  expect(triesOf(error, purpose)).toBe(tries)
})

test('pauses double from a second to a minute', () => {
  const near = (ms: number) => expect.toSatisfy((pause: number) => pause >= ms * 0.8 && pause <= ms * 1.2)
  expect([1, 2, 3, 7, 8, 100].map(exponentialBackoff)).toEqual([1, 2, 4, 60, 60, 60].map((s) => near(s * 1_000)))
})
