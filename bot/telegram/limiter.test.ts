import { Api, type Transformer } from 'grammy'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLimiter, type Limits } from '#bot/telegram/limiter.ts'
import { type CallPriority, callPriorities } from '#bot/telegram/limiter-queue.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => vi.useRealTimers())

const usual: Limits = { chatPerSecond: 1, groupPerMinute: 18, bulkPerSecond: 28 }
const ana = 1
const ben = 2
const group = -1001

/** Handles of every priority whose calls go to a recorder instead of the network. */
function play(limits: Partial<Limits> = {}) {
  const limiter = createLimiter({ ...usual, ...limits })
  const made: string[] = []
  const refusals: { after: number; seconds: number }[] = []
  const network: Transformer = async (_prev, method, payload) => {
    const refusal = refusals[0]
    const label = `${method}:${'text' in payload ? String(payload.text) : ''}`
    if (refusal && made.length >= refusal.after) {
      refusals.shift()
      made.push(`429 ${label}`)
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
    const later = user.sendMessage(ana, 'b')
    await pass(299_000)
    expect(made).toHaveLength(1)
    await pass(2_000)
    await later
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
