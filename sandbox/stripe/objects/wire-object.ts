/** What every object of the API has. Specific ones add the fields the stand-in works with. */
export interface StripeObject {
  id: string
  object: string
  [field: string]: unknown
}

export type Metadata = Record<string, string>
type Address = Record<'city' | 'country' | 'line1' | 'line2' | 'postal_code' | 'state', string | null>

export type BillingDetails = {
  address: Address | null
  email: string | null
  name: string | null
  phone: string | null
  tax_id: string | null
}

export function billingDetails(given: Partial<BillingDetails> = {}): BillingDetails {
  return { address: null, email: null, name: null, phone: null, tax_id: null, ...given }
}
