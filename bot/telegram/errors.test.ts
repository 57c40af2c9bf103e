import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Api, GrammyError, HttpError } from 'grammy'
import { afterEach, describe, expect, test } from 'vitest'
import { createTelegram } from '#bot/telegram/api.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'

const refusal = (error_code: number, description: string, parameters = {}) =>
  new GrammyError('failed', { ok: false, error_code, description, parameters }, 'sendMessage', {})

describe('an answer of Telegram', () => {
  test.each([
    [403, 'Forbidden: bot was blocked by the user', 'blocked'],
    [403, 'Forbidden: user is deactivated', 'deactivated'],
    [403, "Forbidden: bot can't initiate conversation with a user", 'blocked'],
    [403, 'Forbidden: bot was kicked from the supergroup chat', 'chat-gone'],
    [403, 'Forbidden: bot is not a member of the supergroup chat', 'chat-gone'],
    [403, 'Forbidden: the group chat was deleted', 'chat-gone'],
    [400, 'Bad Request: chat not found', 'chat-gone'],
    [400, 'Bad Request: message thread not found', 'topic-gone'],
    [400, 'Bad Request: TOPIC_DELETED', 'topic-gone'],
    [400, 'Bad Request: TOPIC_ID_INVALID', 'topic-gone'],
    [400, 'Bad Request: TOPIC_CLOSED', 'topic-closed'],
    [400, 'Bad Request: TOPIC_NOT_MODIFIED', 'not-modified'],
    [400, 'Bad Request: the chat is not a forum', 'not-a-forum'],
    [400, 'Bad Request: not enough rights to create a topic', 'no-rights'],
    [400, 'Bad Request: CHAT_ADMIN_REQUIRED', 'no-rights'],
    [
      400,
      'Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      'not-modified',
    ],
    [400, 'Bad Request: message to edit not found', 'message-gone'],
    [400, 'Bad Request: message to copy not found', 'message-gone'],
    [400, 'Bad Request: there are no messages to forward', 'message-gone'],
    [400, "Bad Request: messages can't be forwarded", 'message-gone'],
    [400, 'Bad Request: MESSAGE_ID_INVALID', 'message-gone'],
    [400, 'Bad Request: VOICE_MESSAGES_FORBIDDEN', 'forbidden-kind'],
    [400, "Bad Request: message has protected content and can't be forwarded", 'forbidden-kind'],
    [400, "Bad Request: message can't be copied", 'forbidden-kind'],
    [400, 'Bad Request: not enough rights to send photos to the chat', 'forbidden-kind'],
    [400, 'Bad Request: not enough rights to send text messages to the chat', 'no-rights'],
    [403, 'Forbidden: something that nobody has seen yet', 'chat-gone'],
    [400, 'Bad Request: wrong file identifier/HTTP URL specified', 'file-gone'],
    [400, 'Bad Request: FILE_REFERENCE_EXPIRED', 'file-gone'],
    [400, 'Bad Request: CHARGE_ALREADY_REFUNDED', 'refunded-before'],
    [400, 'Bad Request: message text is empty', 'bad-request'],
    [400, "Bad Request: can't parse entities: Unexpected end tag", 'bad-request'],
    [401, 'Unauthorized', 'unauthorized'],
    [500, 'Internal Server Error', 'server-error'],
    [502, 'Bad Gateway', 'server-error'],
  ])('%i %s is %s', (code, description, kind) => {
    expect(classifyTelegramError(refusal(code, description))).toMatchObject({ kind, reason: `${code}: ${description}` })
  })

  test.each([
    ['Bad Request: VOICE_MESSAGES_FORBIDDEN', 'voice'],
    ["Bad Request: message has protected content and can't be forwarded", 'protected'],
    ["Bad Request: message can't be copied", 'uncopyable'],
    ['Bad Request: not enough rights to send photos to the chat', 'restricted'],
  ])('%s says what is forbidden: %s', (description, what) => {
    expect(classifyTelegramError(refusal(400, description))).toMatchObject({ what })
  })

  test('says for how long to wait, and where a group went', () => {
    expect(classifyTelegramError(refusal(429, 'Too Many Requests', { retry_after: 7 }))).toMatchObject({
      kind: 'retry-after',
      seconds: 7,
    })
    const moved = refusal(400, 'Bad Request: group chat was upgraded', { migrate_to_chat_id: -1009 })
    expect(classifyTelegramError(moved)).toMatchObject({ kind: 'migrated', toChatId: -1009 })
  })
})

test('an error of our own is nobody else’s', () => {
  expect(classifyTelegramError(new TypeError('x'))).toBeNull()
})

test.each([
  ['ECONNREFUSED', 'not-sent'],
  ['ENOTFOUND', 'not-sent'],
  ['EAI_AGAIN', 'not-sent'],
  ['UND_ERR_CONNECT_TIMEOUT', 'not-sent'],
  ['ECONNRESET', 'lost'],
  ['UND_ERR_SOCKET', 'lost'],
  ['UND_ERR_HEADERS_TIMEOUT', 'lost'],
])('of a connection that fails with %s the call is %s', (code, kind) => {
  const error = Object.assign(new Error('failed'), { code })
  expect(classifyTelegramError(new HttpError('failed', error))).toMatchObject({ kind, reason: code })
})

test('a call that the stopping limiter refused was not sent', async () => {
  const limits = { chatPerSecond: 1, groupPerMinute: 1, bulkPerSecond: 1 }
  const telegram = createTelegram({ token: '1:x', apiRoot: 'http://127.0.0.1:9', limits })
  await telegram.apis.user.sendMessage(-1, 'takes the room').catch(() => undefined)
  telegram.limiter.stop()
  const error = await telegram.apis.user.sendMessage(-1, 'late').catch((thrown: unknown) => thrown)
  expect(classifyTelegramError(error)?.kind).toBe('not-sent')
  await telegram.close()
})

describe('a broken connection', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  async function failureOf(port: number) {
    const limits = { chatPerSecond: 100, groupPerMinute: 1000, bulkPerSecond: 100 }
    const telegram = createTelegram({ token: '1:x', apiRoot: `http://127.0.0.1:${port}`, limits, timeoutMs: 300 })
    try {
      await telegram.apis.user.getMe()
      throw new Error('The call succeeded')
    } catch (error) {
      return classifyTelegramError(error)?.kind
    } finally {
      await telegram.close()
    }
  }

  async function serve(onRequest: Parameters<typeof createServer>[1]): Promise<number> {
    const created = createServer(onRequest)
    server = created
    await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve))
    return (created.address() as AddressInfo).port
  }

  test('that was never made means that nothing was sent', async () => {
    const port = await serve(() => undefined)
    await new Promise((resolve) => server?.close(resolve))
    expect(await failureOf(port)).toBe('not-sent')
  })

  test('that ends without an answer means that nobody knows', async () => {
    expect(await failureOf(await serve((request) => request.socket.destroy()))).toBe('lost')
  })

  test('that stays silent means that nobody knows', async () => {
    expect(await failureOf(await serve(() => undefined))).toBe('lost')
    server?.closeAllConnections()
  })

  test('that falls silent in the middle of an answer means that nobody knows', async () => {
    const port = await serve((_request, response) => response.writeHead(200, { 'content-length': '99' }).write('{'))
    expect(await failureOf(port)).toBe('lost')
    server?.closeAllConnections()
  })

  test('with a page of a proxy as answer is a failure of the server', async () => {
    const port = await serve((_request, response) => response.writeHead(502).end('<html>Bad gateway</html>'))
    expect(await failureOf(port)).toBe('server-error')
  })

  test('with garbage as answer means that nobody knows', async () => {
    expect(await failureOf(await serve((_request, response) => response.end('garbage')))).toBe('lost')
  })
})

test('the long poll may be held open for longer than another call may take', async () => {
  let answerPoll = () => {}
  const server = createServer((request, response) => {
    if (request.url === '/bot1:x/getUpdates') answerPoll = () => void response.end('{"ok":true,"result":[]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const limits = { chatPerSecond: 1, groupPerMinute: 1, bulkPerSecond: 1 }
  const telegram = createTelegram({ token: '1:x', apiRoot: `http://127.0.0.1:${port}/`, limits, timeoutMs: 300 })
  const poll = telegram.apis.user.getUpdates(
    { timeout: 30 },
    new AbortController().signal as Parameters<Api['getUpdates']>[1],
  )
  const held = expect(poll).resolves.toEqual([])
  await expect(telegram.apis.user.getMe()).rejects.toThrow()
  answerPoll()
  await held
  server.closeAllConnections()
  server.close()
  await telegram.close()
})

test('the long poll ends at once when it is aborted', async () => {
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const limits = { chatPerSecond: 1, groupPerMinute: 1, bulkPerSecond: 1 }
  const telegram = createTelegram({ token: '1:x', apiRoot: `http://127.0.0.1:${port}`, limits })
  const abort = new AbortController()
  const poll = new Api('1:x', telegram.client).getUpdates(
    { timeout: 30 },
    abort.signal as Parameters<Api['getUpdates']>[1],
  )
  const ended = expect(poll).rejects.toThrow()
  abort.abort()
  await ended
  server.closeAllConnections()
  server.close()
  await telegram.close()
})
