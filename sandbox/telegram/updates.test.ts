import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Api } from 'grammy'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf, startPlay, testToken } from './test-play.ts'

let play: Awaited<ReturnType<typeof startPlay>>
let api: Api
let userId: number

beforeEach(async () => {
  play = await startPlay()
  api = new Api(testToken, { apiRoot: play.url })
  userId = play.world.createUser({ firstName: 'Bob' }).id
})
afterEach(() => play.standIn.close())

const say = (...texts: string[]) => texts.map((text) => play.world.sendText({ userId, text }))
const textsOf = (updates: { message?: { text?: string } }[]) => updates.map(({ message }) => message?.text)

describe('offsets', () => {
  test('an update is handed out again until a later offset confirms it', async () => {
    say('a', 'b')
    const first = await api.getUpdates()
    const again = await api.getUpdates({ offset: first[0]?.update_id ?? 0 })
    expect(textsOf(again)).toEqual(['a', 'b'])
    const rest = await api.getUpdates({ offset: first[1]?.update_id ?? 0 })
    expect(textsOf(rest)).toEqual(['b'])
    expect(play.world.updateQueue().pending).toBe(1)
  })

  test('a negative offset keeps the last ones and forgets the rest', async () => {
    say('a', 'b', 'c')
    expect(textsOf(await api.getUpdates({ offset: -2 }))).toEqual(['b', 'c'])
    expect(play.world.updateQueue().pending).toBe(2)
  })

  test('a stale or future offset starts at the head and confirms nothing', async () => {
    say('a', 'b')
    const { nextUpdateId } = play.world.updateQueue()
    expect(textsOf(await api.getUpdates({ offset: nextUpdateId + 50 }))).toEqual(['a', 'b'])
    expect(textsOf(await api.getUpdates({ offset: 1 }))).toEqual(['a', 'b'])
  })

  test('a batch has at most 100 updates, and the limit is obeyed', async () => {
    for (let i = 0; i < 130; i++) say(`m${i}`)
    expect(await api.getUpdates({ limit: 5 })).toHaveLength(5)
    expect(await api.getUpdates({ offset: -130, limit: 1000 })).toHaveLength(100)
  })
})

describe('long polls', () => {
  test('answer as soon as there is an update', async () => {
    const held = api.getUpdates({ timeout: 30 })
    await play.world.waitUntilPolling()
    say('now')
    expect(textsOf(await held)).toEqual(['now'])
  })

  test('of two pollers the older is ended with 409', async () => {
    const older = refusalOf(api.getUpdates({ timeout: 30 }))
    await play.world.waitUntilPolling()
    const newer = api.getUpdates({ timeout: 30, offset: 1 })
    expect(await older).toBe(
      '409 Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    )
    say('for the newer')
    expect(textsOf(await newer)).toEqual(['for the newer'])
  })

  test('a poller whose process died is forgotten without a conflict', async () => {
    const died = new AbortController()
    const poll = fetch(`${play.url}/bot${testToken}/getUpdates?timeout=30`, { signal: died.signal })
    await play.world.waitUntilPolling()
    died.abort()
    await expect(poll).rejects.toThrow()
    await play.world.waitFor(() => !play.world.updateQueue().pollerWaiting)
    say('for the next')
    expect(textsOf(await api.getUpdates({ timeout: 30 }))).toEqual(['for the next'])
  })

  test('a quick repeat of the same offset is limited to one update', async () => {
    say('a', 'b')
    expect(await api.getUpdates({ offset: 5 })).toHaveLength(2)
    expect(await api.getUpdates({ offset: 5 })).toHaveLength(1)
  })

  test('an empty short poll repeated at once is held until something comes', async () => {
    await api.getUpdates({ timeout: 0 })
    const held = api.getUpdates({ timeout: 0 })
    await play.world.waitUntilPolling()
    say('late')
    expect(textsOf(await held)).toEqual(['late'])
  })

  test('are refused while a webhook is set', async () => {
    await api.setWebhook('https://example.org/hook')
    expect(await refusalOf(api.getUpdates())).toMatch(
      /^409 Conflict: can't use getUpdates method while webhook is active/,
    )
    await api.deleteWebhook()
    expect(await api.getUpdates()).toEqual([])
  })
})

describe('what is subscribed', () => {
  test('reactions come only when named, and the choice is remembered', async () => {
    const [message] = say('hi')
    const messageId = message?.message_id ?? 0
    play.world.react({ userId, chatId: userId, messageId, emoji: '👍' })
    expect(await api.getUpdates({ allowed_updates: ['message', 'message_reaction'] })).toHaveLength(1)
    play.world.react({ userId, chatId: userId, messageId, emoji: null })
    const updates = await api.getUpdates({ offset: -1 })
    expect(updates[0]?.message_reaction).toMatchObject({ old_reaction: [{ emoji: '👍' }], new_reaction: [] })
  })

  test('blocking and unblocking are the only membership changes of a private chat', async () => {
    play.world.blockBot({ userId })
    expect(await refusalOf(api.sendMessage(userId, 'x'))).toBe('403 Forbidden: bot was blocked by the user')
    play.world.unblockBot({ userId })
    await api.sendMessage(userId, 'x')
    const updates = await api.getUpdates()
    expect(
      updates.map((u) => [u.my_chat_member?.old_chat_member.status, u.my_chat_member?.new_chat_member.status]),
    ).toEqual([
      ['member', 'kicked'],
      ['kicked', 'member'],
    ])
  })
})

describe('age', () => {
  test('button taps are forgotten after 150 s, messages after a day', async () => {
    say('old')
    play.world.pressButton({ userId, chatId: userId, messageId: 1, data: 'x' })
    play.world.advanceClock({ ms: 151_000 })
    expect((await api.getUpdates()).map((u) => Object.keys(u)[1])).toEqual(['message'])
    play.world.advanceClock({ ms: 24 * 3600_000 })
    expect(await api.getUpdates({ offset: 1 })).toEqual([])
  })
})

describe('on demand', () => {
  test('a confirmed update is delivered once more with its own id', async () => {
    say('twice')
    const [update] = await api.getUpdates()
    const next = (update?.update_id ?? 0) + 1
    await api.getUpdates({ offset: next, limit: 1 })
    play.world.duplicateUpdate({ updateId: next - 1 })
    expect(await api.getUpdates({ offset: next + 1 })).toEqual([update])
  })

  test('held updates come out in reverse', async () => {
    play.world.holdUpdates()
    say('a', 'b', 'c')
    play.world.releaseUpdates({ order: 'reverse' })
    expect(textsOf(await api.getUpdates())).toEqual(['c', 'b', 'a'])
  })

  test('malformed updates are delivered as they are', async () => {
    play.world.pushRawUpdate({ update: { nonsense: { deep: [null] } } })
    play.world.pushRawUpdate({ update: { update_id: 7, message: 'not an object' }, keep: true })
    const updates = await api.getUpdates()
    expect(updates[0]).toMatchObject({ nonsense: { deep: [null] } })
    expect(updates[1]).toEqual({ update_id: 7, message: 'not an object' })
  })
})

describe('a webhook', () => {
  test('is given each update with the secret, again until it answers well, and none twice after that', async () => {
    const seen: string[] = []
    const hook = createServer((request, response) => {
      request.resume()
      seen.push(String(request.headers['x-telegram-bot-api-secret-token']))
      response.writeHead(seen.length === 1 ? 500 : 200).end()
    })
    await new Promise<void>((resolve) => {
      hook.listen(0, '127.0.0.1', resolve)
    })
    const { port } = hook.address() as AddressInfo
    await api.setWebhook(`http://127.0.0.1:${port}/hook`, { secret_token: 's3cret' })
    say('a', 'b')
    await play.world.waitUntilConfirmed()
    expect(seen).toEqual(['s3cret', 's3cret', 's3cret'])
    expect(await api.getWebhookInfo()).toMatchObject({
      pending_update_count: 0,
      last_error_message: expect.stringContaining('500'),
    })
    hook.closeAllConnections()
    hook.close()
  })
})

test('a poll that does not wait takes nobody’s place', async () => {
  const held = api.getUpdates({ timeout: 30 })
  await play.world.waitUntilPolling()
  expect(await api.getUpdates({ offset: -1 })).toEqual([])
  say('for the one who waits')
  expect(textsOf(await held)).toEqual(['for the one who waits'])
})

test('a second poll beside a webhook is refused 3 s late', async () => {
  await api.setWebhook('https://example.org/hook')
  await refusalOf(api.getUpdates())
  const before = performance.now()
  await refusalOf(api.getUpdates())
  expect(performance.now() - before).toBeGreaterThan(2900)
})
