import 'server-only'
import type { Logger } from 'pino'
import { Stripe } from 'stripe'
import { type ReceivedStripeEvent, recordStripeEvent, stripeEventSchema } from '#core/payments/record-stripe-event.ts'
import type { PrismaClient } from '#prisma'
import { readTextBody } from '#web/server/payments/read-text-body.ts'

interface WebhookDeps {
  db: PrismaClient
  stripe: Stripe
  webhookSecret: string
  log: Logger
}

/** Older signatures are refused, so that a captured request cannot be played again later. */
const TOLERANCE_SECONDS = 300
/** Stripe's largest events are far smaller. */
const MAX_BODY_BYTES = 1024 * 1024

/**
 * Takes Stripe's knock: checks the signature over the raw body, keeps the event once, answers. 400 and nothing kept for
 * whatever Stripe did not sign just now; 500 when we cannot keep it, so that Stripe comes again.
 */
export async function receiveStripeWebhook(deps: WebhookDeps, request: Request): Promise<Response> {
  const verified = await verify(deps, request)
  if (verified.status === 'refused') {
    deps.log.warn({ reason: verified.reason }, 'a webhook call was refused')
    return answer(400, { error: verified.reason })
  }
  try {
    const { status } = await recordStripeEvent(deps.db, verified.event)
    return answer(200, { received: true, status })
  } catch (error) {
    deps.log.error({ err: error, eventId: verified.event.id }, 'a webhook event could not be stored')
    return answer(500, { error: 'The event could not be stored. Please send it again.' })
  }
}

type Verified = { status: 'verified'; event: ReceivedStripeEvent } | { status: 'refused'; reason: string }

async function verify({ stripe, webhookSecret }: WebhookDeps, request: Request): Promise<Verified> {
  const signature = request.headers.get('stripe-signature')
  if (!signature) return { status: 'refused', reason: 'The Stripe-Signature header is missing.' }
  const body = await readTextBody(request, MAX_BODY_BYTES)
  if (body === null) return { status: 'refused', reason: 'The body is too large.' }
  try {
    const event: unknown = await stripe.webhooks.constructEventAsync(body, signature, webhookSecret, TOLERANCE_SECONDS)
    const parsed = stripeEventSchema.safeParse(event)
    return parsed.success
      ? { status: 'verified', event: parsed.data }
      : { status: 'refused', reason: 'The body is not a Stripe event.' }
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) {
      return { status: 'refused', reason: 'The signature does not fit the body, or is too old.' }
    }
    // Signed, but not JSON: the signature is checked before the body is parsed.
    if (error instanceof SyntaxError) return { status: 'refused', reason: 'The body is not JSON.' }
    throw error
  }
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } })
}
