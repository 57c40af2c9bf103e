import { newId } from '../ids.ts'
import type { StripeObject } from './wire-object.ts'

export interface PortalSession extends StripeObject {
  object: 'billing_portal.session'
  created: number
  customer: string
  return_url: string | null
  url: string
}

export function buildPortalSession(
  created: number,
  publicUrl: string,
  given: {
    customer: string
    return_url: string | null
    configuration: string
    locale: string | null
    flow: Record<string, unknown> | null
  },
): PortalSession {
  const id = newId('bps')
  return {
    id,
    object: 'billing_portal.session',
    created,
    customer_account: null,
    livemode: false,
    on_behalf_of: null,
    url: `${publicUrl}/p/session/${id}`,
    ...given,
  }
}
