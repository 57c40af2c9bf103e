import { createHash } from 'node:crypto'
import { newId } from '../ids.ts'
import { type BillingDetails, billingDetails, type Metadata, type StripeObject } from './wire-object.ts'

type Card = {
  brand: string
  last4: string
  exp_month: number
  exp_year: number
  funding: string
  country: string
}

export interface PaymentMethod extends StripeObject {
  object: 'payment_method'
  type: 'card' | 'us_bank_account' | 'sepa_debit'
  created: number
  customer: string | null
  billing_details: BillingDetails
  metadata: Metadata
  card?: Card & Record<string, unknown>
}

export function buildCard(
  created: number,
  card: { brand: string; last4: string },
  billing: Partial<BillingDetails>,
): PaymentMethod {
  return {
    ...commonFields(created, billing),
    type: 'card',
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: 12,
      exp_year: new Date(created * 1000).getUTCFullYear() + 3,
      fingerprint: fingerprintOf(`${card.brand} ${card.last4}`),
      funding: 'credit',
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
  }
}

/** The same card number is recognised whenever it is entered again; here a card is told by what shows of its number. */
function fingerprintOf(number: string): string {
  return createHash('sha256').update(number).digest('base64url').replaceAll(/[-_]/g, '0').slice(0, 16)
}

/** A method whose money arrives later: a bank debit in the currency's habit. */
export function buildBankDebit(created: number, currency: string, billing: Partial<BillingDetails>): PaymentMethod {
  const type = currency === 'usd' ? 'us_bank_account' : 'sepa_debit'
  const fields =
    type === 'us_bank_account'
      ? {
          account_holder_type: 'individual',
          account_type: 'checking',
          bank_name: 'STRIPE TEST BANK',
          financial_connections_account: null,
          fingerprint: newId('f', 16).slice(2),
          last4: '6789',
          networks: { preferred: 'ach', supported: ['ach'] },
          routing_number: '110000000',
          status_details: null,
        }
      : {
          bank_code: '37040044',
          branch_code: '',
          country: 'DE',
          fingerprint: newId('f', 16).slice(2),
          generated_from: { charge: null, setup_attempt: null },
          last4: '3000',
        }
  return { ...commonFields(created, billing), type, [type]: fields }
}

function commonFields(created: number, billing: Partial<BillingDetails>) {
  return {
    id: newId('pm'),
    object: 'payment_method' as const,
    allow_redisplay: 'unspecified',
    billing_details: billingDetails(billing),
    created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
  }
}
