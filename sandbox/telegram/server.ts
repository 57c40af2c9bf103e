import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveApi } from './api.ts'
import { serveControl } from './control-routes.ts'
import type { ControlVerbs, ControlWaits, LimitsOption } from './control-types.ts'
import { TrafficLog } from './traffic-log.ts'
import { createVerbs } from './verbs/all-verbs.ts'
import { createWaits } from './waits.ts'
import { bytesOf } from './world/files.ts'
import { World } from './world/world.ts'

export interface TelegramOptions {
  /** The system chooses one if left out. */
  port?: number
  host?: string
  token: string
  botUsername?: string
  botName?: string
  /** Default `telegram`: about the real limits. */
  limits?: LimitsOption
  /** How long a tapped button waits for its answer; real reports range from 5 to 20 s. */
  callbackDeadlineMs?: number
  /** A folder for requests.jsonl, results.jsonl, updates.jsonl and violations.jsonl. */
  trafficLog?: string
  clock?: () => number
  /** Older messages are forgotten; default 50,000. */
  historyPerChat?: number
  /** False: unknown parameters are ignored as by the real server, and only noted as violations. Default true. */
  strict?: boolean
}

export interface TelegramStandIn {
  /** What a bot takes as its API root. */
  url: string
  token: string
  world: ControlVerbs & ControlWaits
  /** The state behind the verbs, for whoever keeps it over a restart. */
  internals: World
  /** Writes what the traffic log still holds back. */
  flushTraffic(): Promise<void>
  close(): Promise<void>
}

/** Plays the Bot API for one bot: `<url>/bot<token>/<method>`, files, and the control routes. */
export async function startTelegram(options: TelegramOptions): Promise<TelegramStandIn> {
  const { token, host = '127.0.0.1' } = options
  const traffic = options.trafficLog === undefined ? undefined : new TrafficLog(options.trafficLog)
  const botId = Number(/^\d+/.exec(token)?.[0] ?? '1')
  const world = new World({
    bot: {
      id: botId,
      is_bot: true,
      first_name: options.botName ?? 'Paydesk',
      username: options.botUsername ?? 'paydesk_bot',
    },
    limits: options.limits,
    callbackDeadlineMs: options.callbackDeadlineMs,
    clock: options.clock,
    historyPerChat: options.historyPerChat,
    strict: options.strict,
    traffic,
  })
  const verbs = createVerbs(world)
  const server = createServer({ keepAlive: true, noDelay: true }, createRouter(world, verbs, token))
  server.keepAliveTimeout = 75_000
  server.requestTimeout = 0
  await listen(server, options.port ?? 0, host)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${port}`,
    token,
    world: withWaits(world, verbs),
    internals: world,
    flushTraffic: async () => traffic?.flush(),
    close: async () => {
      world.flood?.stop()
      world.queue.close()
      world.webhook.close()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await traffic?.close()
    },
  }
}

function createRouter(world: World, verbs: ControlVerbs, token: string) {
  const apiPrefix = `/bot${token}/`
  const filePrefix = `/file/bot${token}/`
  return (request: IncomingMessage, response: ServerResponse): void => {
    const target = request.url ?? ''
    if (target.startsWith(apiPrefix)) {
      serve(response, serveApi(world, request, response, target.slice(apiPrefix.length)))
    } else if (target.startsWith('/control/')) {
      serve(response, serveControl(world, verbs, request, response, target.slice('/control'.length)))
    } else if (target.startsWith(filePrefix)) {
      serveDownload(world, response, decodeURIComponent(target.slice(filePrefix.length)))
    } else {
      const isApi = /^\/(file\/)?bot/.test(target)
      refuse(response, isApi ? 401 : 404, isApi ? 'Unauthorized' : 'Not Found')
    }
  }
}

/** What fails outside of a handler is a broken connection: there is nobody to answer. */
function serve(response: ServerResponse, serving: Promise<void>): void {
  serving.catch(() => response.destroy())
}

function refuse(response: ServerResponse, code: number, description: string): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ ok: false, error_code: code, description }))
}

function serveDownload(world: World, response: ServerResponse, path: string): void {
  const file = world.files.findByPath(path)
  if (!file) return refuse(response, 404, 'Not Found')
  const { bytes } = bytesOf(file)
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length })
  response.end(bytes)
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

function withWaits(world: World, verbs: ControlVerbs): ControlVerbs & ControlWaits {
  const watch: Parameters<typeof createWaits>[0]['watch'] = (listener, since) => {
    if (since !== undefined) for (const event of world.events.since(since)) listener(event)
    return world.events.subscribe(listener)
  }
  const onEvent: ControlWaits['onEvent'] = (listener) => world.events.subscribe(listener)
  return { ...verbs, ...createWaits({ ...verbs, watch }), onEvent }
}
