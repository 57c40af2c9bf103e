import 'server-only'
import type { Logger } from 'pino'
import { Stripe } from 'stripe'
import type { Sql } from '#core/db.ts'
import {
  type ReceivedStripeEvent,
  recordStripeEvent,
  stripeEventSchema,
} from '#core/payments/stripe-events/record-stripe-event.ts'
import { readTextBody } from '#web/server/payments/read-text-body.ts'

interface WebhookDeps {
  sql: Sql
  stripe: Stripe
  webhookSecret: string
  log: Logger
}

/** Older signatures are refused, so that a captured request cannot be played again later. */
const TOLERANCE_SECONDS = 300
/** Stripe's largest events are far smaller. */
const MAX_BODY_BYTES = 1024 * 1024
const NOT_KEPT = { 'Cache-Control': 'no-store' }

/**
 * Takes Stripe's knock: checks the signature over the raw body, keeps the event once, answers. 400 and nothing kept for
 * whatever Stripe did not sign just now; 500 when we cannot keep it, so that Stripe comes again.
 */
export async function receiveStripeWebhook(deps: WebhookDeps, request: Request): Promise<Response> {
  const verified = await verify(deps, request)
  if (verified.status === 'refused') {
    deps.log.warn({ reason: verified.reason }, 'a webhook call was refused')
    return refuse(400, verified.reason)
  }
  try {
    await recordStripeEvent(deps.sql, verified.event)
    // Stripe reads no more than the status.
    return new Response(null, { status: 200, headers: NOT_KEPT })
  } catch (error) {
    deps.log.error({ err: error, eventId: verified.event.id }, 'a webhook event could not be stored')
    return refuse(500, 'The event could not be stored. Please send it again.')
  }
}

type Verified = { status: 'verified'; event: ReceivedStripeEvent } | { status: 'refused'; reason: string }

async function verify({ stripe, webhookSecret }: WebhookDeps, request: Request): Promise<Verified> {
  const signature = request.headers.get('stripe-signature')
  if (!signature) return { status: 'refused', reason: 'The Stripe-Signature header is missing.' }
  const body = await readTextBody(request, MAX_BODY_BYTES)
  if (body === null) return { status: 'refused', reason: 'The body is too large.' }
  try {
    const event: unknown = stripe.webhooks.constructEvent(body, signature, webhookSecret, TOLERANCE_SECONDS)
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

function refuse(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: NOT_KEPT })
}
