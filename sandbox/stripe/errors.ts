type StripeErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

export type StripeErrorBody = {
  type: StripeErrorType
  message: string
  code?: string
  param?: string
  decline_code?: string
  doc_url?: string
  charge?: string
  payment_intent?: unknown
  payment_method?: unknown
  setup_intent?: unknown
}

/** A refusal as it goes over the wire: `{ error: body }` with `status`. */
export class StripeRefusal extends Error {
  readonly status: number
  readonly body: StripeErrorBody
  /** Whether the endpoint had begun to execute: only then is the reply saved under the idempotency key. */
  readonly executed: boolean

  constructor(status: number, body: StripeErrorBody, executed = false) {
    super(body.message)
    this.status = status
    this.executed = executed
    this.body = body.code ? { ...body, doc_url: docUrl(body.code) } : body
  }
}

const docUrl = (code: string) => `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`

/** The request itself is wrong; nothing was executed. */
export function invalidRequest(message: string, options: { param?: string; code?: string } = {}): StripeRefusal {
  return new StripeRefusal(400, { type: 'invalid_request_error', message, ...options })
}

/** The request is well formed but the object is in the wrong state. Saved for repeats of the same key. */
export function wrongState(message: string, code?: string, extra: Partial<StripeErrorBody> = {}): StripeRefusal {
  return new StripeRefusal(400, { type: 'invalid_request_error', message, ...(code ? { code } : {}), ...extra }, true)
}

export function missingResource(noun: string, id: string, param = 'id', status = 404): StripeRefusal {
  return new StripeRefusal(status, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${noun}: '${id}'`,
    param,
  })
}

export function unknownUrl(method: string, path: string): StripeRefusal {
  return new StripeRefusal(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${method}: ${path}). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code.`,
  })
}

export function cardRefusal(body: Omit<StripeErrorBody, 'type'>): StripeRefusal {
  return new StripeRefusal(402, { type: 'card_error', ...body }, true)
}
