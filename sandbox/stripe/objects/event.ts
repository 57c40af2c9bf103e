import type { WireEvent } from '../control-types.ts'
import { newId } from '../ids.ts'
import type { StripeObject } from './wire-object.ts'

export const API_VERSION = '2026-10-28.endive'

export function buildEvent(
  created: number,
  given: {
    type: string
    object: StripeObject
    previous?: Record<string, unknown> | undefined
    request: { id: string | null; idempotency_key: string | null }
    pendingWebhooks: number
  },
): WireEvent {
  return {
    id: newId('evt'),
    object: 'event',
    api_version: API_VERSION,
    created,
    data: {
      // A snapshot: later changes of the object must not show in an old event.
      object: structuredClone(given.object),
      ...(given.previous ? { previous_attributes: structuredClone(given.previous) } : {}),
    },
    livemode: false,
    pending_webhooks: given.pendingWebhooks,
    request: given.request,
    type: given.type,
  }
}
