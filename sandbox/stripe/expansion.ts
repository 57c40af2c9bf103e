import { invalidRequest } from './errors.ts'
import type { StripeState } from './state.ts'

type Json = Record<string, unknown>

/** Fields that are only present when asked for, or that are lists of their own. */
const INCLUDABLE: Record<string, (state: StripeState, object: Json) => unknown> = {
  'checkout.session.line_items': (state, session) => ({
    object: 'list',
    data: state.sessionSecrets.get(String(session.id))?.lineItems ?? [],
    has_more: false,
    url: `/v1/checkout/sessions/${String(session.id)}/line_items`,
  }),
  'invoice.payments': (state, invoice) => ({
    object: 'list',
    data: state.invoicePayments
      .all()
      .filter((payment) => payment.invoice === invoice.id)
      .reverse(),
    has_more: false,
    url: `/v1/invoice_payments?invoice=${String(invoice.id)}`,
  }),
  'charge.refunds': (state, charge) => ({
    object: 'list',
    data: state.refunds
      .all()
      .filter((refund) => refund.charge === charge.id)
      .reverse(),
    has_more: false,
    url: `/v1/charges/${String(charge.id)}/refunds`,
  }),
}

/** Fields that hold an id somewhere in the API; anything else is refused before the endpoint begins. */
const EXPANDABLE = new Set(
  'balance_transaction balance_transactions charge customer data default_payment_method default_price invoice invoice_settings items latest_charge latest_invoice line_items lines object parent payment payment_intent payment_method payments price pricing price_details product refunds setup_intent source subscription subscription_details'.split(
    ' ',
  ),
)

export function requireExpandable(paths: string[]): void {
  for (const path of paths) {
    const segments = path.split('.')
    if (segments.length > 4)
      throw invalidRequest('You cannot expand more than 4 levels of a property.', { param: 'expand' })
    if (!segments.every((segment) => EXPANDABLE.has(segment))) throw notExpandable(path)
  }
}

const notExpandable = (path: string) =>
  invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' })

/** A copy of the reply with the named references replaced by the objects they point to. */
export function expandReply(state: StripeState, reply: unknown, paths: string[]): unknown {
  const copy: unknown = structuredClone(reply)
  for (const path of paths) expandInto(state, copy, path.split('.'), path)
  return copy
}

function expandInto(state: StripeState, node: unknown, segments: string[], path: string): void {
  if (Array.isArray(node)) {
    for (const item of node) expandInto(state, item, segments, path)
    return
  }
  const [field, ...rest] = segments
  if (field === undefined || node === null || typeof node !== 'object') return
  const object = node as Json
  const include = INCLUDABLE[`${String(object.object)}.${field}`]
  if (include && object[field] === undefined) object[field] = structuredClone(include(state, object))
  else object[field] = expandedValue(state, object[field], path)
  expandInto(state, object[field], rest, path)
}

function expandedValue(state: StripeState, value: unknown, path: string): unknown {
  if (typeof value === 'object') return value // null stays null; a nested object is only walked through
  const target = typeof value === 'string' ? state.lookUp(value) : undefined
  if (!target) throw notExpandable(path)
  return structuredClone(target)
}
