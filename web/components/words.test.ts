import { expect, test } from 'vitest'
import type { Home } from '#core/analytics/home-reader.ts'
import { counted, formatRough } from '#web/components/format-number.ts'
import { formatExactTime, formatRelativeTime } from '#web/components/format-time.ts'
import { daySentence } from '#web/components/home/day-sentence.ts'
import { topicUrl } from '#web/components/home/topic-url.ts'
import { fullName } from '#web/components/person-name.tsx'

const now = new Date('2026-11-21T10:00:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)

type Facts = Parameters<typeof daySentence>[0]

const calm: Facts = {
  at: now,
  currency: 'usd',
  today: {
    revenueMinor: { today: 0, yesterday: 0 },
    otherRevenue: [],
    messages: { today: 0, yesterday: 0 },
    newUsers: { today: 0, yesterday: 0 },
    activeUsers: 0,
  },
  waiting: { count: 0, since: null, byAge: [0, 0, 0, 0], oldest: [] },
  health: { well: true, parts: [] },
}
const withToday = (today: Partial<Home['today']>): Facts => ({ ...calm, today: { ...calm.today, ...today } })

test('a day on which nothing happened is called that', () => {
  expect(daySentence(calm)).toBe('Nothing has come in yet today. Nobody waits for an answer.')
})

test.each([
  [1, 0, '1 message so far today, after a silent yesterday.'],
  [30, 20, '30 messages so far today, much more than yesterday by now.'],
  [24, 20, '24 messages so far today, more than yesterday by now.'],
  [21, 20, '21 messages so far today, about as much as yesterday by now.'],
  [15, 20, '15 messages so far today, less than yesterday by now.'],
  [5, 20, '5 messages so far today, much less than yesterday by now.'],
])('%i messages after %i read: %s', (today, yesterday, sentence) => {
  expect(daySentence(withToday({ messages: { today, yesterday } }))).toContain(sentence)
})

test('trouble is said first, then what came in, then who waits', () => {
  const facts: Facts = {
    ...withToday({ revenueMinor: { today: 123_456_700, yesterday: 1 }, messages: { today: 2, yesterday: 2 } }),
    waiting: { count: 3, since: ago(5 * 3_600_000), byAge: [0, 0, 3, 0], oldest: [] },
    health: { well: false, parts: [{ part: 'poller', well: false, detail: 'no bot process is running' }] },
  }
  expect(daySentence(facts)).toBe(
    'Something needs you: no bot process is running. 2 messages and $1,234,567.00 so far today, about as much as ' +
      'yesterday by now. 3 people wait for an answer, the first for 5 h.',
  )
})

test('money of every currency is said, and a day that brought Stars alone is no empty one', () => {
  const otherRevenue = [{ currency: 'xtr', amountMinor: 2500 }]
  expect(daySentence(withToday({ otherRevenue }))).toContain('2,500 Stars so far today.')
  const revenueMinor = { today: 999, yesterday: 0 }
  expect(daySentence(withToday({ otherRevenue, revenueMinor, messages: { today: 1, yesterday: 1 } }))).toContain(
    '1 message, $9.99 and 2,500 Stars so far today',
  )
})

test.each([
  [0, 'just now'],
  [-5_000, 'just now'],
  [59_999, 'just now'],
  [60_000, '1 min ago'],
  [3_599_999, '59 min ago'],
  [3_600_000, '1 h ago'],
  [86_400_000, '1 day ago'],
  [5 * 86_400_000, '5 days ago'],
])('%i ms ago reads %s', (ms, words) => {
  expect(formatRelativeTime(ago(ms), now)).toBe(words)
})

test('the exact time names its zone', () => {
  expect(formatExactTime(now)).toBe('21 Nov 2026, 10:00 UTC')
})

test('one is singular, many are grouped, estimates are rough', () => {
  expect([counted(1, 'person', 'people'), counted(1200, 'message'), formatRough(1_234_567)]).toEqual([
    '1 person',
    '1,200 messages',
    '1.2M',
  ])
})

test.each([
  ['Maria', 'Lopez', 'Maria Lopez'],
  ['Tom', null, 'Tom'],
  ['\u200B', null, 'User 7'],
  ['\u3164\u2800', ' ', 'User 7'],
  ['🎉', null, '🎉'],
  ['<script>', '"', '<script> "'],
])('somebody called %j %j is shown as %j', (firstName, lastName, shown) => {
  expect(fullName({ userId: 7n, firstName, lastName })).toBe(shown)
})

test('only topics of supergroups have an address, and it lies where links of this Telegram lead', () => {
  const topic = { topicChatId: -1001234567890n, topicThreadId: 42n }
  expect(topicUrl(topic, 'https://t.me/shop_bot')).toBe('https://t.me/c/1234567890/42')
  expect(topicUrl(topic, 'http://127.0.0.1:4400/shop_bot')).toBe('http://127.0.0.1:4400/c/1234567890/42')
  expect(topicUrl(topic, null)).toBeNull()
  expect(topicUrl({ ...topic, topicThreadId: null }, 'https://t.me/shop_bot')).toBeNull()
  expect(topicUrl({ ...topic, topicChatId: null }, 'https://t.me/shop_bot')).toBeNull()
})
