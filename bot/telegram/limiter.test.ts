import { Api, type Transformer } from 'grammy'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { callCost } from '#bot/telegram/call-cost.ts'
import { createLimiter, type Limits } from '#bot/telegram/limiter.ts'
import { type CallPriority, callPriorities } from '#bot/telegram/limiter-queue.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => vi.useRealTimers())

const usual: Limits = { chatPerSecond: 1, groupPerMinute: 18, bulkPerSecond: 28 }
const albumOf = (parts: number) => Array.from({ length: parts }, () => ({ type: 'photo' as const, media: 'a' }))
const ana = 1
const ben = 2
const group = -1001

/** Handles of every priority whose calls go to a recorder instead of the network. */
function play(limits: Partial<Limits> = {}) {
  const limiter = createLimiter({ ...usual, ...limits })
  const made: string[] = []
  const refusals: { after: number; seconds: number; delayMs?: number }[] = []
  const network: Transformer = async (_prev, method, payload) => {
    const refusal = refusals[0]
    const label = `${method}:${'text' in payload ? String(payload.text) : ''}`
    if (refusal && made.length >= refusal.after) {
      refusals.shift()
      made.push(`429 ${label}`)
      if (refusal.delayMs) await new Promise((resolve) => setTimeout(resolve, refusal.delayMs))
      return {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests',
        parameters: { retry_after: refusal.seconds },
      }
    }
    made.push(label)
    // biome-ignore lint/suspicious/noExplicitAny: the recorder answers every method alike
    return { ok: true, result: true as never }
  }
  const apiAt = (priority: CallPriority) => {
    const api = new Api('1:x')
    api.config.use(network, limiter.at(priority))
    return api
  }
  const [user, relay, background, bulk] = callPriorities.map(apiAt) as [Api, Api, Api, Api]
  const texts = () => made.map((label) => label.split(':')[1])
  return { limiter, made, texts, refusals, user, relay, background, bulk }
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('a private chat', () => {
  test('takes three at once and then one a second, in their order', async () => {
    const { user, texts } = play()
    const calls = ['a', 'b', 'c', 'd', 'e'].map((text) => user.sendMessage(ana, text))
    await pass(0)
    expect(texts()).toEqual(['a', 'b', 'c'])
    await pass(1000)
    expect(texts()).toEqual(['a', 'b', 'c', 'd'])
    await pass(1000)
    expect(texts()).toEqual(['a', 'b', 'c', 'd', 'e'])
    await Promise.all(calls)
  })

  test('that is full holds up no other chat', async () => {
    const { user, texts } = play()
    const calls = Array.from({ length: 10 }, () => user.sendMessage(ana, 'flood'))
    const other = user.sendMessage(ben, 'hello')
    await pass(0)
    expect(texts()).toContain('hello')
    await pass(10_000)
    await Promise.all([...calls, other])
  })

  test('takes an album that is larger than what goes at once, and the next message when that is made up for', async () => {
    const { user, texts } = play()
    const album = albumOf(10)
    const calls: Promise<unknown>[] = [user.sendMediaGroup(ana, album), user.sendMessage(ana, 'next')]
    await pass(7_900)
    expect(texts()).toEqual([''])
    await pass(200)
    expect(texts()).toEqual(['', 'next'])
    await Promise.all(calls)
  })

  test('lets nothing overtake an album that waits, though there is room for something smaller', async () => {
    const { user, texts } = play()
    const calls: Promise<unknown>[] = ['a', 'b', 'c'].map((text) => user.sendMessage(ana, text))
    const album = albumOf(3)
    calls.push(user.sendMediaGroup(ana, album))
    await pass(1_500)
    calls.push(user.sendMessage(ana, 'later'))
    await pass(0)
    expect(texts()).toEqual(['a', 'b', 'c'])
    await pass(3_000)
    expect(texts()).toEqual(['a', 'b', 'c', '', 'later'])
    await Promise.all(calls)
  })

  test('lets a person wait for their own message alone, not for the album that waits before it', async () => {
    const { user, bulk, texts } = play()
    for (let index = 0; index < 3; index++) await user.sendMessage(ana, 'burst')
    const album = albumOf(3)
    const calls: Promise<unknown>[] = [bulk.sendMediaGroup(ana, album), user.sendMessage(ana, 'user')]
    await pass(1_100)
    expect(texts().slice(3)).toEqual(['user'])
    await pass(10_000)
    await Promise.all(calls)
  })

  test('saves nothing up beyond three while it is quiet', async () => {
    const { user, texts } = play()
    await user.sendMessage(ana, 'first')
    await pass(9_000)
    const calls = Array.from({ length: 6 }, () => user.sendMessage(ana, 'next'))
    await pass(0)
    expect(texts()).toHaveLength(4)
    await pass(5_000)
    await Promise.all(calls)
  })

  test('is not forgotten while what it took still counts', async () => {
    const { user, limiter, texts } = play({ chatPerSecond: 0.1 })
    for (let index = 0; index < 3; index++) await user.sendMessage(ana, 'burst')
    await pass(15_000)
    expect(limiter.size).toBe(1)
    const calls = Array.from({ length: 3 }, () => user.sendMessage(ana, 'next'))
    await pass(0)
    expect(texts()).toHaveLength(4)
    await pass(30_000)
    await Promise.all(calls)
  })

  test('is forgotten once it is quiet', async () => {
    const { user, limiter } = play()
    await user.sendMessage(ana, 'x')
    expect(limiter.size).toBe(1)
    await pass(20_000)
    expect(limiter.size).toBe(0)
  })

  test('lets people go before relays, and relays before the rest', async () => {
    const { user, relay, background, bulk, texts } = play()
    for (let index = 0; index < 3; index++) await user.sendMessage(ana, 'burst')
    const calls = [
      bulk.sendMessage(ana, 'bulk'),
      background.sendMessage(ana, 'background'),
      relay.sendMessage(ana, 'relay'),
      user.sendMessage(ana, 'user'),
    ]
    await pass(5_000)
    await Promise.all(calls)
    expect(texts().slice(3)).toEqual(['user', 'relay', 'background', 'bulk'])
  })
})

describe('a group', () => {
  test('takes no more than its limit in any minute; edits, pins and topics count, reactions do not', async () => {
    const { user, made } = play({ groupPerMinute: 6 })
    const calls: Promise<unknown>[] = [
      user.sendMessage(group, 'one'),
      user.editMessageText(group, 5, 'two'),
      user.pinChatMessage(group, 5),
      user.createForumTopic(group, 'name'),
      user.sendMediaGroup(group, [
        { type: 'photo', media: 'a' },
        { type: 'photo', media: 'b' },
      ]),
      user.sendMessage(group, 'late'),
      user.setMessageReaction(group, 5, []),
    ]
    await pass(30_000)
    expect(made).toHaveLength(6)
    expect(made).toContain('setMessageReaction:')
    expect(made).not.toContain('sendMessage:late')
    await pass(31_000)
    expect(made).toContain('sendMessage:late')
    await Promise.all(calls)
  })

  test('keeps some room for people when relays would fill it', async () => {
    const { user, relay, limiter, texts } = play({ groupPerMinute: 20 })
    const calls: Promise<unknown>[] = Array.from({ length: 30 }, () => relay.sendMessage(group, 'relay'))
    await pass(0)
    expect(texts()).toHaveLength(18)
    expect(limiter.spare(group, 'background')).toBe(0)
    calls.push(user.sendMessage(group, 'menu'))
    await pass(0)
    expect(texts()).toHaveLength(19)
    expect(texts().at(-1)).toBe('menu')
    await pass(130_000)
    await Promise.all(calls)
  })

  test('remembers its minute though nobody waits', async () => {
    const { user, made } = play({ groupPerMinute: 6 })
    await pass(400)
    for (let index = 0; index < 6; index++) await user.sendMessage(group, 'first')
    await pass(30_000)
    const late = user.sendMessage(group, 'late')
    await pass(29_900)
    expect(made).toHaveLength(6)
    await pass(1_000)
    await late
  })

  test('takes what is larger than its limit, and the lowest rank, when nothing else went', async () => {
    const { user, bulk, made } = play({ groupPerMinute: 1 })
    const album = albumOf(10)
    await user.sendMediaGroup(group, album)
    await bulk.sendMessage(group - 1, 'of the lowest rank')
    expect(made).toHaveLength(2)
  })

  test('has less to spare the longer a call can wait, and nothing while others wait or while it is shut', async () => {
    const { user, relay, limiter, refusals } = play({ groupPerMinute: 20 })
    const spare = () => callPriorities.map((priority) => limiter.spare(group, priority))
    expect(spare()).toEqual([20, 18, 14, 10])
    const calls: Promise<unknown>[] = Array.from({ length: 19 }, () => relay.sendMessage(group, 'relay'))
    await pass(0)
    expect(spare()).toEqual([0, 0, 0, 0])
    await pass(130_000)
    refusals.push({ after: 0, seconds: 5 })
    calls.push(user.sendMessage(group, 'menu'))
    await pass(0)
    await pass(6_000)
    refusals.push({ after: 0, seconds: 300 })
    await expect(user.sendMessage(group, 'menu')).rejects.toMatchObject({ error_code: 429 })
    expect(spare()).toEqual([0, 0, 0, 0])
    await Promise.all(calls)
  })
})

test.each([
  ['sendMessage', {}, 1],
  ['copyMessage', {}, 1],
  ['forwardMessage', {}, 1],
  ['copyMessages', { message_ids: [1, 2, 3] }, 3],
  ['sendMediaGroup', { media: ['a', 'b'] }, 2],
  ['editMessageCaption', {}, 1],
  ['editForumTopic', {}, 1],
  ['reopenForumTopic', {}, 1],
  ['unpinChatMessage', {}, 1],
  ['setMessageReaction', {}, 0],
  ['deleteMessage', {}, 0],
  ['sendChatAction', {}, null],
  ['getChat', {}, null],
])('%s with %j costs its chat %j', (method, payload, cost) => {
  expect(callCost(method, payload)).toBe(cost)
})

describe('a 429', () => {
  test('pauses its own chat for as long as Telegram says; the call goes first afterwards and succeeds', async () => {
    const { user, refusals, texts } = play({ chatPerSecond: 1000 })
    refusals.push({ after: 0, seconds: 5 })
    const calls = [user.sendMessage(ana, 'a')]
    await pass(0)
    calls.push(user.sendMessage(ana, 'b'), user.sendMessage(ben, 'other'))
    await pass(4_900)
    expect(texts()).toEqual(['a', 'other'])
    await pass(200)
    expect(texts()).toEqual(['a', 'other', 'a', 'b'])
    await Promise.all(calls)
  })

  test('that asks for a long wait is told to the caller, and the chat stays shut', async () => {
    const { user, refusals, made } = play()
    refusals.push({ after: 0, seconds: 300 })
    await expect(user.sendMessage(ana, 'a')).rejects.toMatchObject({ error_code: 429 })
    await pass(100_000)
    const later = user.sendMessage(ana, 'b')
    await pass(199_000)
    expect(made).toHaveLength(1)
    await pass(2_000)
    await later
  })

  test('that asks for less than the one before opens nothing sooner', async () => {
    const { user, refusals, made } = play()
    refusals.push({ after: 0, seconds: 50 }, { after: 0, seconds: 1 })
    const calls = [user.sendMessage(ana, 'a'), user.sendMessage(ana, 'b')]
    await pass(49_000)
    expect(made).toEqual(['429 sendMessage:a', '429 sendMessage:b'])
    await pass(2_000)
    await Promise.all(calls)
  })

  test('shuts the chat for calls whose turn had been planned, and for reactions, which wait for nothing else', async () => {
    const { user, refusals, texts, made } = play()
    refusals.push({ after: 0, seconds: 100, delayMs: 500 })
    const refused = expect(user.sendMessage(ana, 'a')).rejects.toMatchObject({ error_code: 429 })
    const calls: Promise<unknown>[] = ['b', 'c', 'd'].map((text) => user.sendMessage(ana, text))
    await pass(600)
    await refused
    await pass(50_000)
    expect(texts()).toEqual(['a', 'b', 'c'])
    calls.push(user.setMessageReaction(ana, 5, []))
    await pass(49_800)
    expect(texts()).toEqual(['a', 'b', 'c'])
    expect(made).not.toContain('setMessageReaction:')
    await pass(1_000)
    await Promise.all(calls)
  })

  test('that comes when its chat was forgotten meanwhile shuts it all the same', async () => {
    const { user, refusals, texts } = play()
    refusals.push({ after: 0, seconds: 30, delayMs: 15_000 })
    const calls = [user.sendMessage(ana, 'a')]
    await pass(15_100)
    calls.push(user.sendMessage(ana, 'b'))
    await pass(29_000)
    expect(texts()).toEqual(['a'])
    await pass(2_000)
    await Promise.all(calls)
  })

  test('on bulk traffic holds all of it back, and nobody else', async () => {
    const { bulk, user, refusals, texts } = play()
    refusals.push({ after: 0, seconds: 5 })
    const calls = [bulk.sendMessage(ana, 'a')]
    await pass(0)
    calls.push(bulk.sendMessage(ben, 'b'), user.sendMessage(ben, 'user'))
    await pass(4_900)
    expect(texts()).toEqual(['a', 'user'])
    await pass(1_000)
    expect(new Set(texts().slice(2))).toEqual(new Set(['a', 'b']))
    await Promise.all(calls)
  })

  test('that never ends is told to the caller in the end', async () => {
    const { user, refusals, made } = play()
    for (let index = 0; index < 20; index++) refusals.push({ after: 0, seconds: 1 })
    const refused = expect(user.sendMessage(ana, 'a')).rejects.toMatchObject({ error_code: 429 })
    await pass(20_000)
    await refused
    expect(made).toHaveLength(6)
  })
})

test('bulk traffic is spread over all chats at its own rate', async () => {
  const { bulk, user, texts } = play({ bulkPerSecond: 10 })
  const calls = Array.from({ length: 30 }, (_, index) => bulk.sendMessage(100 + index, 'bulk'))
  await pass(1_000)
  expect(texts().length).toBeGreaterThanOrEqual(10)
  expect(texts().length).toBeLessThanOrEqual(12)
  await user.sendMessage(500, 'user')
  await pass(2_000)
  await Promise.all(calls)
})

test('calls that no limit concerns are never held up', async () => {
  const { user, made } = play()
  await Promise.all(Array.from({ length: 50 }, () => user.sendChatAction(ana, 'typing')))
  await Promise.all(Array.from({ length: 50 }, () => user.answerCallbackQuery('1')))
  await user.getMe()
  expect(made).toHaveLength(101)
})

test('after a stop calls with room pass and all others are refused, those that wait included', async () => {
  const { user, limiter } = play()
  for (let index = 0; index < 3; index++) await user.sendMessage(ana, 'burst')
  const waiting = expect(user.sendMessage(ana, 'waiting')).rejects.toThrow()
  limiter.stop()
  await waiting
  await expect(user.sendMessage(ana, 'late')).rejects.toThrow()
  await user.sendMessage(ben, 'fine')
})

test('after a stop bulk traffic that waits is refused', async () => {
  const { bulk, limiter } = play({ bulkPerSecond: 1 })
  await bulk.sendMessage(ana, 'first')
  const waiting = expect(bulk.sendMessage(ben, 'waiting')).rejects.toThrow()
  limiter.stop()
  await waiting
})
