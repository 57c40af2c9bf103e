import { newId } from '../ids.ts'
import type { Metadata, StripeObject } from './wire-object.ts'

export interface WebhookEndpoint extends StripeObject {
  object: 'webhook_endpoint'
  created: number
  url: string
  api_version: string | null
  enabled_events: string[]
  status: 'enabled' | 'disabled'
  metadata: Metadata
}

export function buildWebhookEndpoint(
  created: number,
  given: Partial<WebhookEndpoint> & { url: string },
): WebhookEndpoint {
  return {
    id: newId('we'),
    object: 'webhook_endpoint',
    api_version: null,
    application: null,
    created,
    description: null,
    enabled_events: ['*'],
    livemode: false,
    metadata: {},
    status: 'enabled',
    ...given,
  }
}
