import { invalidRequest } from './errors.ts'
import type { FormNode } from './form.ts'

/** Reads one parameter or refuses it with the sentence and code the real API uses. `at` is its full name. */
export type Parser<T> = (node: FormNode, at: string) => T
export type Parsed<P> = P extends Parser<infer T> ? T : never

type Fields = Record<string, Parser<unknown>>
type Required<F extends Fields> = { [K in keyof F]: Parsed<F[K]> }
type Optional<F extends Fields> = { [K in keyof F]?: Parsed<F[K]> }

function textOf(node: FormNode, at: string): string {
  if (typeof node !== 'string') throw invalidRequest(`Invalid string: ${JSON.stringify(node)}`, { param: at })
  if (node !== '') return node
  throw invalidRequest(
    `You passed an empty string for '${at}'. We assume empty values are an attempt to unset a parameter; however '${at}' cannot be unset. You should remove '${at}' from your request or supply a non-empty value.`,
    { param: at, code: 'parameter_invalid_empty' },
  )
}

export const text =
  (maxLength = 5000): Parser<string> =>
  (node, at) => {
    const value = textOf(node, at)
    if (value.length <= maxLength) return value
    throw invalidRequest(`Invalid string: ${value.slice(0, 20)}...; must be at most ${maxLength} characters`, {
      param: at,
      code: 'parameter_invalid_string_too_long',
    })
  }

/** A parameter that an empty value unsets. */
export const clearable =
  <T>(parse: Parser<T>): Parser<T | null> =>
  (node, at) =>
    node === '' ? null : parse(node, at)

export const clearableText = clearable(text())

export const integer: Parser<number> = (node, at) => {
  const value = textOf(node, at)
  if (/^-?\d{1,15}$/.test(value)) return Number(value)
  throw invalidRequest(`Invalid integer: ${value}`, { param: at, code: 'parameter_invalid_integer' })
}

export const flag: Parser<boolean> = (node, at) => {
  const value = textOf(node, at)
  if (value === 'true' || value === 'false') return value === 'true'
  throw invalidRequest(`Invalid boolean: ${value}`, { param: at })
}

export const url: Parser<string> = (node, at) => {
  const value = textOf(node, at)
  // Placeholders such as {CHECKOUT_SESSION_ID} are legal inside.
  if (/^https?:\/\/\S+$/i.test(value)) return value
  throw invalidRequest('Not a valid URL', { param: at, code: 'url_invalid' })
}

export const email: Parser<string> = (node, at) => {
  const value = textOf(node, at)
  if (/^\S+@\S+\.\S+$/.test(value)) return value
  throw invalidRequest(`Invalid email address: ${value}`, { param: at, code: 'email_invalid' })
}

export function oneOf<const V extends readonly string[]>(...values: V): Parser<V[number]> {
  return (node, at) => {
    const value = textOf(node, at)
    if (values.includes(value)) return value
    const name = at.match(/\[(\w+)\]$/)?.[1] ?? at
    throw invalidRequest(`Invalid ${name}: must be one of ${enumerate(values)}`, { param: at })
  }
}

function enumerate(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')}, or ${values.at(-1)}`
}

export function either<A, B>(first: Parser<A>, second: Parser<B>): Parser<A | B> {
  return (node, at) => {
    try {
      return first(node, at)
    } catch {
      return second(node, at) // the refusal that counts is the last alternative's
    }
  }
}

/** A known parameter that changes nothing the stand-in plays: any value is taken. */
export const ignored: Parser<FormNode> = (node) => node

export function list<T>(of: Parser<T>): Parser<T[]> {
  return (node, at) => {
    if (node === '') return []
    if (typeof node === 'string' || Object.keys(node).some((key) => !/^\d+$/.test(key)))
      throw invalidRequest('Invalid array', { param: at })
    return Object.keys(node)
      .sort((a, b) => Number(a) - Number(b))
      .map((key) => of(node[key] ?? '', `${at}[${key}]`))
  }
}

export function shape<R extends Fields, O extends Fields>(required: R, optional: O): Parser<Required<R> & Optional<O>> {
  return (node, at) => {
    if (typeof node === 'string') throw invalidRequest('Invalid object', { param: at })
    const name = (key: string) => (at === '' ? key : `${at}[${key}]`)
    const unknown = Object.keys(node).find((key) => !Object.hasOwn(required, key) && !Object.hasOwn(optional, key))
    if (unknown !== undefined)
      throw invalidRequest(`Received unknown parameter: ${name(unknown)}`, {
        param: name(unknown),
        code: 'parameter_unknown',
      })
    const values: Record<string, unknown> = {}
    for (const [key, parse] of Object.entries({ ...required, ...optional })) {
      const value = node[key]
      if (value !== undefined) values[key] = parse(value, name(key))
      else if (Object.hasOwn(required, key))
        throw invalidRequest(`Missing required param: ${name(key)}.`, { param: name(key), code: 'parameter_missing' })
    }
    return values as Required<R> & Optional<O>
  }
}

/** Metadata as sent: an empty value means "remove this key". */
export const metadata: Parser<Record<string, string>> = (node, at) => {
  if (node === '') return {}
  if (typeof node === 'string') throw invalidRequest('Invalid object', { param: at })
  const entries = Object.entries(node)
  if (entries.length > 50) throw invalidRequest('Metadata can have at most 50 keys.', { param: at })
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw invalidRequest('Metadata values must be strings.', { param: `${at}[${key}]` })
    if (key.length > 40)
      throw invalidRequest(`Metadata keys must be 40 characters or less: ${key}`, { param: `${at}[${key}]` })
    if (value.length > 500)
      throw invalidRequest(
        `Metadata values must have up to 500 characters, but you passed in a value that is ${value.length} characters.`,
        {
          param: `${at}[${key}]`,
        },
      )
  }
  return Object.fromEntries(entries) as Record<string, string>
}

/** What is kept after a metadata parameter was applied. */
export function mergeMetadata(current: Record<string, string>, change: Record<string, string> | undefined) {
  if (!change) return current
  const kept = Object.entries({ ...current, ...change }).filter(([, value]) => value !== '')
  if (kept.length > 50) throw invalidRequest('Metadata can have at most 50 keys.', { param: 'metadata' })
  return Object.fromEntries(kept)
}

const range = shape({}, { gt: integer, gte: integer, lt: integer, lte: integer })
export const createdRange = either(integer, range)
export type CreatedRange = Parsed<typeof createdRange>

export const expand = list(text(200))

/** Parameters every list takes. */
export const paging = {
  limit: integer,
  starting_after: text(200),
  ending_before: text(200),
  expand,
}
export type Paging = { limit?: number; starting_after?: string; ending_before?: string }
