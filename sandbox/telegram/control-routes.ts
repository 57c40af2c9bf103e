import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '#sandbox/http/read-body.ts'
import type { ControlVerbs, WorldEvent } from './control-types.ts'
import { bytesOf } from './world/files.ts'
import type { World } from './world/world.ts'

const maxBodyBytes = 80 * 1024 * 1024
const open = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' }

/** `POST /control/<verb>`, `GET /control/events`, `GET /control/files/<file_unique_id>`. */
export async function serveControl(
  world: World,
  verbs: ControlVerbs,
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
): Promise<void> {
  const url = new URL(target, 'http://control')
  const name = url.pathname.slice(1)
  if (request.method === 'OPTIONS') response.writeHead(204, open).end()
  else if (name === 'events') streamEvents(world, response, url.searchParams.get('since'))
  else if (name.startsWith('files/')) serveFile(world, response, name.slice('files/'.length))
  else await runVerb(verbs, request, response, name)
}

async function runVerb(
  verbs: ControlVerbs,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
): Promise<void> {
  const body = await readBody(request, maxBodyBytes)
  const verb = Object.hasOwn(verbs, name) ? verbs[name as keyof ControlVerbs] : undefined
  if (!verb) return answer(response, 404, { ok: false, error: `no verb ${name}` })
  if (body === null) return answer(response, 413, { ok: false, error: 'too large' })
  try {
    const params: unknown = body.length === 0 ? {} : JSON.parse(body.toString())
    const result = await (verb as (p: unknown) => unknown)(params)
    answer(response, 200, { ok: true, result: result ?? null })
  } catch (error) {
    answer(response, 400, { ok: false, error: error instanceof Error ? error.message : String(error) })
  }
}

function answer(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(status, { ...open, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** Server-sent events. The first line says the stream is open; `since` repeats what came after that number. */
function streamEvents(world: World, response: ServerResponse, since: string | null): void {
  response.writeHead(200, { ...open, 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  const send = (event: WorldEvent) => response.write(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`)
  response.write(`event: open\ndata: ${world.events.lastSeq}\n\n`)
  if (since !== null) for (const event of world.events.since(Number(since))) send(event)
  const unsubscribe = world.events.subscribe(send)
  response.on('close', unsubscribe)
}

function serveFile(world: World, response: ServerResponse, uniqueId: string): void {
  const file = world.files.findByUniqueId(uniqueId)
  if (!file) return answer(response, 404, { ok: false, error: `no file ${uniqueId}` })
  const { bytes, mimeType } = bytesOf(file)
  response.writeHead(200, { ...open, 'content-type': mimeType, 'content-length': bytes.length })
  response.end(bytes)
}
