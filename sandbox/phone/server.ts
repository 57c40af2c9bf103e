import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import type { PageFiles } from './page-files.ts'
import type { Setup } from './setup.ts'

export interface PhoneOptions {
  /** The system chooses one if left out. */
  port?: number
  host?: string
  telegramUrl: string
  stripeUrl: string
  setup: Setup
  files: PageFiles
}

export interface PhoneServer {
  url: string
  close(): Promise<void>
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
const safety = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/** Serves the phone page and passes its wishes on to the stand-ins, so that the browser sees one origin only. */
export async function startPhone(options: PhoneOptions): Promise<PhoneServer> {
  const host = options.host ?? '127.0.0.1'
  const server = createServer((request, response) => route(options, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function route(options: PhoneOptions, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://phone')
  if (pathname.startsWith('/telegram/control/')) return pass(options.telegramUrl, '/telegram', request, response)
  if (pathname.startsWith('/stripe/control/')) return pass(options.stripeUrl, '/stripe', request, response)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return answerJson(response, 405, { error: 'Only GET here' })
  if (pathname === '/health') return answerJson(response, 200, { status: 'ok' })
  if (pathname === '/setup.json') return answerJson(response, 200, options.setup)
  // As t.me/<bot> opens the chat and t.me/c/<group>/<topic> a topic, so do these open the page.
  const isPage = /^\/(?:\w*|c\/\d+\/\d+)$/.test(pathname)
  serveFile(options.files, isPage ? 'index.html' : decodeURIComponent(pathname.slice(1)), request, response)
}

/** Streams both ways, so that it serves the event streams as well as the verbs. */
function pass(target: string, prefix: string, request: IncomingMessage, response: ServerResponse): void {
  if (!isFromThisPage(request)) return answerJson(response, 403, { error: 'Only the phone page may do this' })
  const url = new URL((request.url ?? '').slice(prefix.length), target)
  const headers = { ...request.headers, host: url.host }
  const onward = forward(url, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => {
    if (response.headersSent) response.destroy()
    else answerJson(response, 502, { error: 'The stand-in does not answer' })
  })
  response.on('close', () => onward.destroy())
  request.pipe(onward)
}

/** Another web site that happens to be open in the same browser has no business here. */
function isFromThisPage({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined || headers.origin === `http://${headers.host ?? ''}`
}

function serveFile(files: PageFiles, name: string, request: IncomingMessage, response: ServerResponse): void {
  const content = files.get(name)
  if (!content) return answerJson(response, 404, { error: 'There is nothing here' })
  const isLasting = name.startsWith('assets/')
  response.writeHead(200, {
    'content-type': types[extname(name)] ?? 'application/octet-stream',
    'content-length': content.byteLength,
    'cache-control': isLasting ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...safety,
  })
  response.end(request.method === 'HEAD' ? undefined : content)
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(value))
}
