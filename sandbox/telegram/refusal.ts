export interface ErrorParameters {
  retry_after?: number
  migrate_to_chat_id?: number
}

/** An answer `{ok: false}` of the Bot API. The HTTP status equals the code. */
export class Refusal extends Error {
  readonly code: number
  readonly parameters: ErrorParameters | undefined
  /** The caller used the API in a way that is always wrong, whatever the state of the world. */
  readonly isViolation: boolean

  constructor(code: number, description: string, parameters?: ErrorParameters, isViolation = false) {
    super(description)
    this.name = 'Refusal'
    this.code = code
    this.parameters = parameters
    this.isViolation = isViolation
  }
}

export const badRequest = (text: string): Refusal => new Refusal(400, `Bad Request: ${text}`)

export const forbidden = (text: string): Refusal => new Refusal(403, `Forbidden: ${text}`)

export const tooManyRequests = (seconds: number): Refusal =>
  new Refusal(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds })
