import type { IncomingMessage, ServerResponse } from 'node:http'
import { readMultipart } from '#sandbox/http/multipart.ts'
import { readBody } from '#sandbox/http/read-body.ts'
import type { FaultView } from './control-types.ts'
import { errorOf } from './faults.ts'
import type { Call, Upload } from './methods/call.ts'
import { handlers } from './methods/table.ts'
import { RawResult } from './raw-result.ts'
import { badRequest, Refusal } from './refusal.ts'
import { findRealName, findSchema, type Params, readParams, violation } from './schema/read-params.ts'
import type { World } from './world/world.ts'

const maxBodyBytes = 60 * 1024 * 1024

interface Exchange {
  world: World
  request: IncomingMessage
  response: ServerResponse
  method: string
  params: Params
  startedAt: number
  fault: FaultView | null
}

/** Serves `/bot<token>/<method>`; `target` is what follows the token's slash. */
export async function serveApi(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
): Promise<void> {
  const questionMark = target.indexOf('?')
  const name = questionMark < 0 ? target : target.slice(0, questionMark)
  const exchange: Exchange = {
    world,
    request,
    response,
    method: name,
    params: {},
    startedAt: performance.now(),
    fault: null,
  }
  const body = await readBody(request, maxBodyBytes)
  try {
    const uploads = new Map<string, Upload>()
    if (body === null) throw new Refusal(413, 'Request Entity Too Large')
    if (questionMark >= 0) addForm(exchange.params, target.slice(questionMark + 1))
    readContent(exchange.params, uploads, body, request.headers['content-type'] ?? '')
    await runMethod(exchange, uploads)
  } catch (error) {
    answerError(exchange, error)
  }
}

function addForm(params: Params, text: string): void {
  for (const [key, value] of new URLSearchParams(text)) params[key] = value
}

function readContent(params: Params, uploads: Map<string, Upload>, body: Buffer, contentType: string): void {
  if (body.length === 0) return
  if (contentType.startsWith('application/json')) return readJsonBody(params, body)
  if (contentType.startsWith('application/x-www-form-urlencoded')) return addForm(params, body.toString())
  if (!contentType.startsWith('multipart/form-data')) throw badRequest('unsupported content type')
  const parts = readMultipart(body, contentType)
  if (!parts) throw badRequest("can't parse multipart form data")
  for (const part of parts) {
    if (part.fileName === null) params[part.name] = part.bytes.toString()
    else uploads.set(part.name, { fileName: part.fileName, mimeType: part.mimeType, bytes: part.bytes })
  }
}

function readJsonBody(params: Params, body: Buffer): void {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString())
  } catch {
    throw badRequest("can't parse JSON encoded parameters")
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw badRequest("can't parse JSON encoded parameters: expected an Object")
  }
  Object.assign(params, parsed)
}

async function runMethod(exchange: Exchange, uploads: Map<string, Upload>): Promise<void> {
  const { world, params } = exchange
  const schema = findSchema(exchange.method)
  const handler = schema && handlers[schema.name]
  if (!schema || !handler) throw unplayed(exchange.method)
  exchange.method = schema.name
  for (const [field, upload] of uploads) {
    if (schema.types.get(field) === 'file') params[field] = { file: upload.fileName, size: upload.bytes.length }
  }
  const note = (message: string) =>
    world.noteViolation({ at: world.now(), method: schema.name, params: { ...params }, message })
  readParams(schema, params, world.isStrict ? undefined : note)
  const call: Call = { params, uploads, onGone: (left) => exchange.response.on('close', left) }
  if (world.faults.isEmpty) {
    const result = handler(world, call)
    return answerResult(exchange, result instanceof Promise ? await result : result)
  }
  await runWithFault(exchange, () => handler(world, call))
}

function unplayed(name: string): Refusal {
  const real = findRealName(name)
  if (real === undefined) return new Refusal(404, 'Not Found')
  return new Refusal(501, `stand-in: method ${real} is not played`)
}

async function runWithFault(exchange: Exchange, handle: () => unknown): Promise<void> {
  const { world, params } = exchange
  const chatId = typeof params['chat_id'] === 'number' ? params['chat_id'] : undefined
  const threadId = typeof params['message_thread_id'] === 'number' ? params['message_thread_id'] : undefined
  const fault = world.faults.strike({ method: exchange.method, chatId, threadId })
  if (!fault) return answerResult(exchange, await handle())
  exchange.fault = fault
  world.events.emit({ type: 'fault', fault, method: exchange.method })
  const refusal = errorOf(fault)
  if (refusal) throw refusal
  if (fault.kind === 'drop-before') return drop(exchange, undefined)
  if (fault.kind === '502') return answerText(exchange, 502, '<html><body><h1>502 Bad Gateway</h1></body></html>')
  if (fault.kind === 'garbage') return answerText(exchange, 200, '{"ok":tru')
  if (fault.kind === 'slow') await pause(fault.delayMs)
  const result = await handle()
  if (fault.kind === 'drop-after-accept') return drop(exchange, result)
  if (fault.kind === 'slow-answer') await pause(fault.delayMs)
  answerResult(exchange, result)
}

const pause = (ms = 1000) => new Promise((resolve) => setTimeout(resolve, ms))

function drop(exchange: Exchange, result: unknown): void {
  const json = result instanceof RawResult ? result.json : JSON.stringify(result ?? null)
  note(exchange, json, undefined)
  exchange.request.socket.destroy()
}

function answerText(exchange: Exchange, status: number, text: string): void {
  note(exchange, 'null', { code: status, description: text })
  exchange.response.writeHead(status, { 'content-type': 'text/html', 'content-length': Buffer.byteLength(text) })
  exchange.response.end(text)
}

function answerResult(exchange: Exchange, result: unknown): void {
  const json = result instanceof RawResult ? result.json : JSON.stringify(result)
  const body = `{"ok":true,"result":${json}}`
  exchange.response.writeHead(200, [
    'content-type',
    'application/json',
    'content-length',
    String(Buffer.byteLength(body)),
  ])
  exchange.response.end(body)
  note(exchange, json, undefined)
}

function answerError(exchange: Exchange, error: unknown): void {
  const refusal =
    error instanceof Refusal
      ? error
      : violation(`internal error: ${String(error instanceof Error ? error.stack : error)}`)
  const { code, message: description, parameters } = refusal
  const body = JSON.stringify({ ok: false, error_code: code, description, ...(parameters ? { parameters } : {}) })
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  if (parameters?.retry_after !== undefined) headers['retry-after'] = parameters.retry_after
  if (!exchange.response.destroyed) {
    exchange.response.writeHead(code, headers)
    exchange.response.end(body)
  }
  const { world, method, params } = exchange
  if (refusal.isViolation || code === 501 || code === 404) {
    world.noteViolation({ at: world.now(), method, params, message: description })
  } else {
    world.traffic?.request(method, params)
    world.traffic?.error(method, params, { code, description })
  }
  const retryAfterSeconds = parameters?.retry_after
  note(exchange, 'null', { code, description, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) })
}

/** Books a finished call: counters, the traffic log, and the record that tests and the phone page read. */
function note(
  exchange: Exchange,
  resultJson: string,
  error: { code: number; description: string; retryAfterSeconds?: number } | undefined,
): void {
  const { world, method, params, fault } = exchange
  world.counters.called(method, error !== undefined)
  if (!error && world.traffic) {
    world.traffic.request(method, params)
    if (!(method === 'getUpdates')) world.traffic.result(method, resultJson)
  }
  if (world.flood?.isRunning && !error) return
  world.record({
    at: world.now(),
    durationMs: performance.now() - exchange.startedAt,
    method,
    params,
    ...(error ? { error } : { result: parsed(resultJson) }),
    ...(fault ? { fault: fault.kind } : {}),
  })
}

/** A copy that later edits of the message do not reach; a malformed update pushed on purpose stays text. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}
