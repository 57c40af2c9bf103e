import { Refusal } from '../refusal.ts'
import { methodNames } from './method-names.ts'
import { methodParams } from './method-params.ts'

type ParamType = 'chat' | 'int' | 'float' | 'string' | 'bool' | 'file' | 'array' | 'object'

export type Params = Record<string, unknown>

export interface MethodSchema {
  name: string
  types: Map<string, ParamType>
}

const schemas = new Map<string, MethodSchema>()
for (const [name, line] of Object.entries(methodParams)) {
  const types = new Map<string, ParamType>()
  for (const part of line.split(' ').filter(Boolean)) {
    const [key = '', type = ''] = part.replace('!', '').split(':')
    types.set(key, type as ParamType)
  }
  schemas.set(name.toLowerCase(), { name, types })
}
const realNames = new Map(methodNames.map((name) => [name.toLowerCase(), name]))

/** Method names are case-insensitive, as on the real server. */
export function findSchema(name: string): MethodSchema | undefined {
  return schemas.get(name.toLowerCase())
}

export function findRealName(name: string): string | undefined {
  return realNames.get(name.toLowerCase())
}

/** What is real but takes part in nothing the stand-in plays: using it must be loud. */
const unplayed = new Set([
  'business_connection_id',
  'direct_messages_topic_id',
  'ephemeral_message_parameters',
  'suggested_post_parameters',
])

/**
 * Checks names and types and turns text (query, form, multipart) into values, in place. The real server ignores
 * unknown names and bad optional values; here they are refused so that a mistake is loud. With `onUnknown`, unknown
 * names are reported there and then ignored.
 */
export function readParams(schema: MethodSchema, params: Params, onUnknown?: (message: string) => void): void {
  for (const key in params) {
    const type = schema.types.get(key)
    if (type === undefined) {
      const message = `unknown parameter "${key}" of ${schema.name}`
      if (!onUnknown) throw violation(message)
      onUnknown(message)
      Reflect.deleteProperty(params, key)
      continue
    }
    if (unplayed.has(key)) throw new Refusal(501, `stand-in: parameter ${key} is not played`)
    const value = params[key]
    const read = readValue(type, value)
    if (read === undefined) throw violation(`parameter "${key}" of ${schema.name} must be ${type}`)
    if (read !== value) params[key] = read
  }
}

/** A text parameter; empty where it is missing. */
export function textOf(params: Params, key: string): string {
  const value = params[key]
  return typeof value === 'string' ? value : ''
}

export function violation(message: string): Refusal {
  return new Refusal(400, `Bad Request: stand-in: ${message}`, undefined, true)
}

function readValue(type: ParamType, value: unknown): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'int':
      return readNumber(value, Number.isSafeInteger)
    case 'float':
      return readNumber(value, Number.isFinite)
    case 'bool':
      return readBoolean(value)
    case 'chat':
      return typeof value === 'string' && !/^-?\d+$/.test(value) ? value : readNumber(value, Number.isSafeInteger)
    case 'file':
      return typeof value === 'string' || (typeof value === 'object' && value !== null) ? value : undefined
    case 'array':
      return readJson(value, Array.isArray)
    case 'object':
      return readJson(value, (x) => typeof x === 'object' && x !== null && !Array.isArray(x))
  }
}

function readNumber(value: unknown, fits: (x: unknown) => boolean): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && fits(number) ? number : undefined
}

function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (value === 'true' || value === 'True' || value === '1') return true
  if (value === 'false' || value === 'False' || value === '0') return false
  return undefined
}

function readJson(value: unknown, fits: (x: unknown) => boolean): unknown {
  let read = value
  if (typeof value === 'string') {
    try {
      read = JSON.parse(value)
    } catch {
      return undefined
    }
  }
  return fits(read) ? read : undefined
}
