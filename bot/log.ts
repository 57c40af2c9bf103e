import { type Logger, pino } from 'pino'

/** Structured logs without secrets or message bodies. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: { process: 'bot' },
    redact: [
      'token',
      '*.token',
      'secret',
      '*.secret',
      'text',
      '*.text',
      'content',
      '*.content',
      'payload',
      '*.payload',
    ],
    serializers: { error: describeError, err: describeError },
  })
}

/** Errors of HTTP clients carry whole requests, and a bot's address contains its token. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack, cause } = error
  const hide = (text: string) => text.replace(/\d{6,}:[\w-]{30,}/g, '<token>')
  return {
    name,
    message: hide(message),
    stack: stack && hide(stack),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
    ...('code' in error ? { code: error.code } : {}),
  }
}
