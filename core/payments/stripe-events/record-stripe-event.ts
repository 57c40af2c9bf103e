import { z } from 'zod'
import type { Sql } from '#core/db.ts'
import { channels } from '#core/live/notify.ts'

/** The envelope of a Stripe event, as far as we need to keep and find it. */
export const stripeEventSchema = z.looseObject({
  id: z.string().min(1),
  object: z.literal('event'),
  type: z.string().min(1),
  /** Set by the webhook endpoint; may differ from the version that our client speaks. */
  api_version: z.string().nullish(),
  created: z.number().int(),
  livemode: z.boolean(),
  data: z.looseObject({ object: z.looseObject({ id: z.string().optional() }) }),
})

export type ReceivedStripeEvent = z.infer<typeof stripeEventSchema>

/**
 * Keeps a verified event, once per id, and wakes the worker when it is new. Nothing else happens here: what the event
 * means is asked of Stripe later, so order, delay and repetition of events do not matter.
 */
export async function recordStripeEvent(sql: Sql, event: ReceivedStripeEvent): Promise<{ status: 'stored' | 'known' }> {
  const { id, type, api_version: apiVersion = null, livemode, data, created } = event
  // One statement, so that a burst of events does not wait for connections that hold a transaction open.
  const { rowCount } = await sql.query({
    name: 'record_stripe_event',
    text: `
      WITH stored AS (
        INSERT INTO stripe_events (id, type, api_version, livemode, object_id, payload, created_at)
        VALUES ($1, $2, $3, $4, $5, $6::json, $7) ON CONFLICT (id) DO NOTHING RETURNING id)
      SELECT pg_notify('${channels.stripeEvents}', '')::text FROM stored`,
    values: [id, type, apiVersion, livemode, data.object.id ?? null, JSON.stringify(event), new Date(created * 1000)],
  })
  return { status: rowCount === 1 ? 'stored' : 'known' }
}
