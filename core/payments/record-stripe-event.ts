import { z } from 'zod'
import { notify } from '#core/live/notify.ts'
import type { Prisma, PrismaClient } from '#prisma'

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
export async function recordStripeEvent(
  db: PrismaClient,
  event: ReceivedStripeEvent,
): Promise<{ status: 'stored' | 'known' }> {
  return db.$transaction(async (tx) => {
    const { count } = await tx.stripeEvent.createMany({
      data: {
        id: event.id,
        type: event.type,
        apiVersion: event.api_version ?? null,
        livemode: event.livemode,
        objectId: event.data.object.id ?? null,
        payload: event as Prisma.InputJsonObject,
        createdAt: new Date(event.created * 1000),
      },
      skipDuplicates: true,
    })
    if (count === 0) return { status: 'known' }
    await notify(tx, 'stripeEvents')
    return { status: 'stored' }
  })
}
