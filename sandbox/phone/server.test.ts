import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type PhoneServer, startPhone } from './server.ts'

const setup = {
  worldId: 'w',
  bot: { id: 7, name: 'Paydesk', username: 'paydesk_bot' },
  groupId: -1,
  ownerId: 1,
  peopleIds: [2],
  publicUrl: 'http://127.0.0.1:1',
}
const files = new Map([
  ['index.html', Buffer.from('<!doctype html>')],
  ['assets/a.woff2', Buffer.from('font')],
])
const opened: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

async function startStandIn(): Promise<string> {
  const server: Server = createServer((request, response) => {
    if (request.url?.startsWith('/control/events')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
      return
    }
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => response.end(JSON.stringify({ url: request.url, body })))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  opened.push({
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function start(): Promise<PhoneServer> {
  const standIn = await startStandIn()
  const phone = await startPhone({ telegramUrl: standIn, stripeUrl: standIn, setup, files })
  opened.push(phone)
  return phone
}

test('a verb reaches its stand-in with its content and comes back', async () => {
  const { url } = await start()
  for (const name of ['telegram', 'stripe']) {
    const response = await fetch(`${url}/${name}/control/sendText?x=1`, { method: 'POST', body: '{"text":"hi"}' })
    expect(await response.json()).toEqual({ url: '/control/sendText?x=1', body: '{"text":"hi"}' })
  }
})

test('an event stream flows while it is open', async () => {
  const { url } = await start()
  const abort = new AbortController()
  const response = await fetch(`${url}/telegram/control/events`, { signal: abort.signal })
  const first = await response.body?.getReader().read()
  expect(Buffer.from(first?.value ?? []).toString()).toBe('data: 1\n\n')
  abort.abort()
})

test('only the control routes are passed on, never the bot’s own calls', async () => {
  const { url } = await start()
  expect((await fetch(`${url}/telegram/bot1:x/getMe`)).status).toBe(404)
  expect((await fetch(`${url}/stripe/v1/charges`)).status).toBe(404)
})

test('a page of another origin may not play with the world', async () => {
  const { url } = await start()
  const ask = (origin: string) =>
    fetch(`${url}/telegram/control/reset`, { method: 'POST', headers: { origin } }).then(({ status }) => status)
  expect(await ask('http://evil.example')).toBe(403)
  expect(await ask(url)).toBe(200)
})

test('the page comes with a policy that lets nothing in from outside', async () => {
  const { url } = await start()
  const response = await fetch(url)
  expect(await response.text()).toBe('<!doctype html>')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
  expect((await fetch(`${url}/assets/a.woff2`)).headers.get('cache-control')).toContain('immutable')
  expect((await fetch(`${url}/../server.ts`)).status).toBe(404)
})

test('a stand-in that is gone is an answer, not a crash', async () => {
  const phone = await startPhone({ telegramUrl: 'http://127.0.0.1:9', stripeUrl: 'http://127.0.0.1:9', setup, files })
  opened.push(phone)
  expect((await fetch(`${phone.url}/telegram/control/listChats`, { method: 'POST' })).status).toBe(502)
  expect(await (await fetch(`${phone.url}/health`)).json()).toEqual({ status: 'ok' })
  expect(await (await fetch(`${phone.url}/setup.json`)).json()).toEqual(setup)
})
