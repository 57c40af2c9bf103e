import type { FormNode } from '../form.ts'
import { expand, type Parser, paging, shape } from '../params.ts'
import type { StripeState } from '../state.ts'

export type Method = 'GET' | 'POST' | 'DELETE'

export type Route = {
  method: Method
  /** `:id` stands for one segment. */
  path: string
  handle(state: StripeState, params: FormNode, ids: [string, string]): unknown
}

type AnyFields = Record<string, Parser<unknown>>

/** Every endpoint takes `expand`; everything else must be named. */
export function fields<R extends AnyFields, O extends AnyFields>(required: R, optional: O) {
  return shape(required, { ...optional, expand })
}

export function listFields<O extends AnyFields>(optional: O) {
  return shape({}, { ...optional, ...paging })
}

/** Parses first and executes then, so that a refused parameter changes nothing. */
export function route<P>(
  method: Method,
  path: string,
  params: Parser<P>,
  run: (state: StripeState, params: P, ...ids: [string, string]) => unknown,
): Route {
  return { method, path, handle: (state, node, ids) => run(state, params(node, ''), ...ids) }
}
