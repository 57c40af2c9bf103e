import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TrafficLine } from './traffic-log.ts'

type Problem = { param: string; code: string; message: string }

type Validators = {
  loadSpec(file: string): unknown
  findOp(spec: unknown, method: string, path: string): { ret?: unknown; item?: unknown } | undefined
  validateRequest(spec: unknown, request: object): Problem[]
  validateResponse(spec: unknown, exchange: object): Problem[]
  validateEvent(spec: unknown, event: object): Problem[]
}

/**
 * Holds a traffic log against the declared types of the real API: accepted requests, successful answers, events.
 * `folder` has `stripe-validate.mjs` and its `spec/`. Answers one sentence per violation.
 */
export async function checkTraffic(logPath: string, folder: string): Promise<{ checked: number; problems: string[] }> {
  const validators = (await import(pathToFileURL(join(folder, 'stripe-validate.mjs')).href)) as Validators
  const spec = loadOnce(validators, join(folder, 'spec/stripe-23.1.0.json'))
  const lines = (await readFile(logPath, 'utf8')).split('\n').filter((line) => line !== '')
  let checked = 0
  const problems: string[] = []
  for (const line of lines.map((text) => JSON.parse(text) as TrafficLine)) {
    const found = judge(validators, spec, line)
    if (found === undefined) continue
    checked += 1
    problems.push(...found.map((problem) => `${nameOf(line)}: ${problem.param} ${problem.message}`))
  }
  return { checked, problems }
}

const specs = new Map<string, unknown>()

function loadOnce(validators: Validators, file: string): unknown {
  const spec = specs.get(file) ?? validators.loadSpec(file)
  specs.set(file, spec)
  return spec
}

/** Undefined: nothing to check, because the request was refused or the answer has no declared type. */
function judge(validators: Validators, spec: unknown, line: TrafficLine): Problem[] | undefined {
  if (line.kind === 'event') return validators.validateEvent(spec, line.event)
  const wasRefused = line.status >= 400 && line.status !== 402
  if (wasRefused) return undefined
  if (line.kind === 'request') {
    const { method, path, body } = line
    return validators.validateRequest(spec, {
      method,
      path,
      ...(method === 'POST' ? { body } : {}),
      ...(line.idempotency_key === null ? {} : { idempotency_key: line.idempotency_key }),
    })
  }
  const operation = validators.findOp(spec, line.method, line.path.split('?')[0] ?? '')
  return line.status === 200 && (operation?.ret || operation?.item)
    ? validators.validateResponse(spec, line)
    : undefined
}

const nameOf = (line: TrafficLine) =>
  line.kind === 'event' ? `event ${line.event.type}` : `${line.kind} ${line.method} ${line.path}`
