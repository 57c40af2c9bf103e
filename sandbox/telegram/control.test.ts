import { Api, Bot } from 'grammy'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TelegramControl } from './control.ts'
import { createTelegramControl } from './control.ts'
import { refusalOf, startPlay, testToken } from './test-play.ts'

let play: Awaited<ReturnType<typeof startPlay>>
let api: Api
let control: TelegramControl

beforeEach(async () => {
  play = await startPlay()
  api = new Api(testToken, { apiRoot: play.url })
  control = createTelegramControl(play.url)
})
afterEach(async () => {
  await control.close()
  await play.standIn.close()
})

describe('from another process', () => {
  test('people are played and the bot is waited for without sleeping', async () => {
    const bot = new Bot(testToken, { client: { apiRoot: play.url } })
    bot.on('message:text', (ctx) => ctx.reply(`you said ${ctx.msg.text}`))
    const running = bot.start({ timeout: 20 })
    const { id: userId } = await control.createUser({ firstName: 'Eve', languageCode: 'de' })
    await control.sendText({ userId, text: 'hello' })
    const answer = await control.waitForMessage({ chatId: userId, fromBot: true, text: /said hello/ })
    expect(answer).toMatchObject({ text: 'you said hello', outgoing: false, author: { isBot: true } })
    const call = await control.waitForCall({ method: 'sendMessage', chatId: userId })
    expect(call).toMatchObject({ params: { text: 'you said hello' }, result: { message_id: answer.messageId } })
    await control.waitUntilConfirmed()
    await bot.stop()
    await running
  })

  test('a wait that cannot be met ends with what it waited for', async () => {
    const wait = control.waitForMessage(
      { chatId: (await control.createUser()).id },
      { timeoutMs: 30, what: 'a miracle' },
    )
    await expect(wait).rejects.toThrow('waited 30 ms for a miracle in vain')
  })

  test('mistakes of a test are loud', async () => {
    await expect(control.sendText({ userId: 5, text: 'x' })).rejects.toThrow('no user 5 in this world')
    const response = await fetch(`${play.url}/control/nonsense`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(404)
  })

  test('events before the wait are seen from a given number on', async () => {
    const { id: userId } = await control.createUser()
    await control.sendText({ userId, text: 'first' })
    const event = await control.waitForEvent((e) => e.type === 'message' && e.chatId === userId, { since: 0 })
    expect(event).toMatchObject({ type: 'message', fromBot: false })
  })

  test('the bytes behind a picture can be looked at', async () => {
    const { id: userId } = await control.createUser()
    await control.sendMedia({ userId, kind: 'photo' })
    const [message] = await control.listMessages({ chatId: userId })
    const picture = await fetch(play.url + (message?.media?.path ?? ''))
    expect(picture.headers.get('content-type')).toBe('image/png')
    expect(
      Buffer.from(await picture.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
  })

  test('a reset leaves an empty world', async () => {
    await control.createUser()
    await control.reset()
    expect(await control.listUsers()).toEqual([])
  })
})

describe('faults', () => {
  const send = () => api.sendMessage(userId, 'x')
  let userId: number
  beforeEach(() => {
    userId = play.world.createUser().id
  })
  const arrived = () => play.world.listMessages({ chatId: userId }).length

  test('429 strikes as often as told and carries retry_after in body and header', async () => {
    await control.addFault({ kind: '429', method: 'sendMessage', retryAfterSeconds: 7 })
    const response = await fetch(`${play.url}/bot${testToken}/SENDMESSAGE?chat_id=${userId}&text=x`)
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('7')
    expect(await response.json()).toEqual({
      ok: false,
      error_code: 429,
      description: 'Too Many Requests: retry after 7',
      parameters: { retry_after: 7 },
    })
    await send()
  })

  test('500 for a while ends by itself', async () => {
    await control.addFault({ kind: '500', forMs: 150 })
    expect(await refusalOf(send())).toBe('500 Internal Server Error')
    expect(await refusalOf(send())).toBe('500 Internal Server Error')
    await play.world.waitFor(() => play.world.listFaults().length === 0 || again())
    await send()
  })

  const again = () => {
    setTimeout(() => play.world.updateUser({ userId }), 10)
    return false
  }

  test('an accepted message whose answer is lost has arrived all the same', async () => {
    await control.addFault({ kind: 'drop-after-accept', chatId: userId })
    await expect(send()).rejects.toThrow(/Network request/)
    expect(arrived()).toBe(1)
    await control.addFault({ kind: 'drop-before' })
    await expect(send()).rejects.toThrow(/Network request/)
    expect(arrived()).toBe(1)
  })

  test('pages that are not JSON come as from a broken proxy', async () => {
    await control.addFault({ kind: '502' })
    await expect(send()).rejects.toThrow()
    await control.addFault({ kind: 'garbage' })
    await expect(send()).rejects.toThrow()
    expect(arrived()).toBe(0)
  })

  test('strike only what they name', async () => {
    const other = play.world.createUser().id
    await control.addFault({ kind: '403', chatId: other, times: 0 })
    await send()
    expect(await refusalOf(api.sendMessage(other, 'x'))).toBe('403 Forbidden: bot was blocked by the user')
  })
})

describe('limits', () => {
  test('a group takes its share per minute, an album counts by item, and other chats go on', async () => {
    await control.setLimits({ groupPerMinute: 20 })
    const owner = play.world.createUser().id
    const group = play.world.createForum({ ownerId: owner }).id
    for (let i = 0; i < 20; i++) await api.sendMessage(group, `m${i}`)
    await expect(api.sendMessage(group, 'one too many')).rejects.toMatchObject({
      error_code: 429,
      parameters: { retry_after: 3 },
    })
    await api.sendMessage(owner, 'private')
  })
})

describe('strictness', () => {
  const call = async (method: string, params: object, token = testToken) => {
    const response = await fetch(`${play.url}/bot${token}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
    })
    return { status: response.status, ...((await response.json()) as object) }
  }

  test('a wrong token, an unknown and an unplayed method are told apart', async () => {
    expect(await call('getMe', {}, '1:X')).toMatchObject({ status: 401, description: 'Unauthorized' })
    expect(await call('getNonsense', {})).toMatchObject({ status: 404, description: 'Not Found' })
    expect(await call('sendPaidMedia', {})).toMatchObject({
      status: 501,
      description: 'stand-in: method sendPaidMedia is not played',
    })
  })

  test('unknown and ill-typed parameters are refused and kept as violations', async () => {
    expect(await call('sendMessage', { chat_id: 1, text: 'x', txet: 1 })).toMatchObject({ status: 400 })
    expect(await call('getUpdates', { offset: 'soon' })).toMatchObject({ status: 400 })
    expect(play.world.violations().map(({ message }) => message)).toEqual([
      'Bad Request: stand-in: unknown parameter "txet" of sendMessage',
      'Bad Request: stand-in: parameter "offset" of getUpdates must be int',
    ])
  })

  test('a lenient stand-in ignores unknown parameters and notes them all the same', async () => {
    const lenient = await startPlay({ strict: false })
    const { id } = lenient.world.createUser()
    const response = await fetch(`${lenient.url}/bot${testToken}/sendMessage?chat_id=${id}&text=x&txet=1`)
    expect(await response.json()).toMatchObject({ ok: true, result: { text: 'x' } })
    expect(lenient.world.violations()).toHaveLength(1)
    await lenient.standIn.close()
  })

  test('forms and query strings mean the same as JSON', async () => {
    const { id } = play.world.createUser()
    const markup = JSON.stringify({ inline_keyboard: [[{ text: 'a', callback_data: 'b' }]] })
    const response = await fetch(`${play.url}/bot${testToken}/sendMessage`, {
      method: 'POST',
      body: new URLSearchParams({ chat_id: String(id), text: 'x', protect_content: 'true', reply_markup: markup }),
    })
    expect(await response.json()).toMatchObject({
      ok: true,
      result: { has_protected_content: true, reply_markup: { inline_keyboard: [[{ callback_data: 'b' }]] } },
    })
  })
})

describe('a flood', () => {
  test('is counted in, and duplicates are seen', async () => {
    const group = play.world.createForum({ ownerId: play.world.createUser().id }).id
    await control.flood({ messages: 250, users: 10, arrivalChatId: group })
    let offset = 0
    for (;;) {
      const updates = await api.getUpdates({ offset, timeout: 0 })
      offset = (updates.at(-1)?.update_id ?? offset) + 1
      for (const { message } of updates) {
        if (!message) continue
        if (message.message_id % 2 === 0) await api.copyMessage(group, message.chat.id, message.message_id)
        else await api.sendMessage(group, `header\n${message.text}`)
      }
      if (updates.length < 100) break
    }
    const report = await control.floodReport()
    expect(report).toMatchObject({
      created: 250,
      delivered: 250,
      arrived: 250,
      duplicates: 0,
      missing: [],
      running: false,
    })
    expect(report.latencyMs?.p99).toBeGreaterThan(0)
    await api.sendMessage(group, (await api.getUpdates({ offset: -1 }))[0]?.message?.text ?? '')
    expect(await control.floodProgress()).toMatchObject({ arrived: 250, duplicates: 1 })
  })

  test('by the clock keeps its rate and wakes a held poll', async () => {
    await control.flood({ messages: 30, users: 3, ratePerSecond: 300 })
    let offset = 0
    let count = 0
    while (count < 30) {
      const updates = await api.getUpdates({ offset, timeout: 5 })
      offset = (updates.at(-1)?.update_id ?? 0) + 1
      count += updates.length
    }
    expect(await control.stopFlood()).toMatchObject({ created: 30, delivered: 30, arrived: 0 })
  })
})
