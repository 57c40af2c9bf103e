import type { StripeControl } from '#sandbox/stripe/control-types.ts'
import type { ControlVerbs, Verb } from '#sandbox/telegram/control-types.ts'

type Input<F extends (...args: never) => unknown> = Parameters<F>[0]
type Output<F extends (...args: never) => unknown> = Awaited<ReturnType<F>>

/** Does something in the Telegram stand-in; fails with the stand-in's own sentence. */
export async function telegram<V extends Verb>(
  verb: V,
  input?: Input<ControlVerbs[V]>,
): Promise<Output<ControlVerbs[V]>> {
  const answer = (await post(`/telegram/control/${verb}`, input)) as { result: unknown }
  return answer.result as Output<ControlVerbs[V]>
}

/** Does something in the Stripe stand-in. */
export async function stripe<V extends keyof StripeControl>(
  verb: V,
  input?: Input<StripeControl[V]>,
): Promise<Output<StripeControl[V]>> {
  return (await post(`/stripe/control/${verb}`, input)) as Output<StripeControl[V]>
}

async function post(path: string, input: unknown): Promise<unknown> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input ?? {}),
  })
  const text = await response.text()
  const body = parse(text)
  if (!response.ok) throw new Error(sentenceOf(body) ?? `The sandbox answered ${response.status}.`)
  return body
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function sentenceOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body.slice(0, 200)
  const error = (body as { error?: unknown } | null | undefined)?.error
  if (typeof error === 'string') return error
  const message = (error as { message?: unknown } | undefined)?.message
  return typeof message === 'string' ? message : undefined
}
