import { invalidRequest } from '../errors.ts'
import { attachCard, requirePaymentMethod } from '../money/cards.ts'
import { endSubscription, isLive } from '../money/subscription-state.ts'
import { buildCustomer, type Customer } from '../objects/customer.ts'
import * as p from '../params.ts'
import type { StripeState } from '../state.ts'
import { fields, listFields, type Route, route } from './route.ts'

const invoiceSettings = p.shape(
  {},
  {
    default_payment_method: p.clearableText,
    custom_fields: p.ignored,
    footer: p.ignored,
    rendering_options: p.ignored,
  },
)

const common = {
  address: p.ignored,
  balance: p.integer,
  business_name: p.ignored,
  cash_balance: p.ignored,
  description: p.clearableText,
  email: p.clearable(p.email),
  individual_name: p.ignored,
  invoice_prefix: p.ignored,
  invoice_settings: invoiceSettings,
  metadata: p.metadata,
  name: p.clearableText,
  next_invoice_sequence: p.ignored,
  phone: p.clearableText,
  preferred_locales: p.list(p.text()),
  shipping: p.ignored,
  source: p.ignored,
  tax: p.ignored,
  tax_exempt: p.oneOf('none', 'exempt', 'reverse'),
  validate: p.flag,
}
const createParams = fields(
  {},
  { ...common, email: p.email, payment_method: p.text(), tax_id_data: p.ignored, test_clock: p.ignored },
)
const updateParams = fields({}, { ...common, default_source: p.ignored })

type Change = p.Parsed<typeof updateParams>

function applyChange(state: StripeState, customer: Customer, change: Change): void {
  const { metadata, invoice_settings: invoices, balance, description, email, name, phone, preferred_locales } = change
  const defaultMethod = invoices?.default_payment_method
  if (defaultMethod) {
    const method = state.paymentMethods.require(defaultMethod, 'invoice_settings[default_payment_method]')
    if (method.customer !== customer.id)
      throw invalidRequest(
        `The customer does not have a payment method with the ID ${defaultMethod}. The payment method must be attached to the customer.`,
        { param: 'invoice_settings[default_payment_method]' },
      )
  }
  if (defaultMethod !== undefined) customer.invoice_settings.default_payment_method = defaultMethod
  const given = { balance, description, email, name, phone, preferred_locales }
  Object.assign(customer, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
  customer.metadata = p.mergeMetadata(customer.metadata, metadata)
}

/** What an update event says of the fields that changed. */
function changedFields(before: Customer, after: Customer): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(before).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(after[field])),
  )
}

export const customerRoutes: Route[] = [
  route('POST', '/v1/customers', createParams, (state, params) => {
    const { payment_method: methodId, ...change } = params
    const method = methodId === undefined ? undefined : requirePaymentMethod(state, methodId)
    const customer = buildCustomer(state.now())
    applyChange(state, customer, change)
    state.customers.add(customer)
    state.emit('customer.created', customer)
    if (method) attachCard(state, method, customer.id)
    return customer
  }),
  route(
    'GET',
    '/v1/customers',
    listFields({ created: p.createdRange, email: p.text(), test_clock: p.ignored }),
    (state, params) =>
      state.customers.page('/v1/customers', params, (c) => params.email === undefined || c.email === params.email),
  ),
  route('GET', '/v1/customers/:id', fields({}, {}), (state, _params, id) =>
    state.deletedIds.has(id) ? deletedCustomer(id) : state.customers.get(id),
  ),
  route('POST', '/v1/customers/:id', updateParams, (state, params, id) => {
    const customer = state.customers.get(id)
    const before = structuredClone(customer)
    applyChange(state, customer, params)
    state.emit('customer.updated', customer, changedFields(before, customer))
    return customer
  }),
  route('DELETE', '/v1/customers/:id', fields({}, {}), (state, _params, id) => {
    const customer = state.customers.get(id)
    for (const subscription of state.subscriptions.all())
      if (subscription.customer === id && isLive(subscription))
        endSubscription(state, subscription, 'cancellation_requested')
    state.customers.delete(id)
    state.deletedIds.set(id, 'customer')
    for (const method of state.paymentMethods.all()) if (method.customer === id) method.customer = null
    state.emit('customer.deleted', customer)
    return deletedCustomer(id)
  }),
  route(
    'GET',
    '/v1/customers/:id/payment_methods',
    listFields({ allow_redisplay: p.ignored, type: p.text() }),
    (state, params, id) => {
      state.customers.get(id)
      return state.paymentMethods.page(
        `/v1/customers/${id}/payment_methods`,
        params,
        (method) => method.customer === id && (params.type === undefined || method.type === params.type),
      )
    },
  ),
  route('GET', '/v1/customers/:id/payment_methods/:id', fields({}, {}), (state, _params, id, methodId) => {
    const method = state.paymentMethods.get(methodId)
    if (method.customer === state.customers.get(id).id) return method
    throw invalidRequest(`The payment method ${methodId} is not attached to the customer ${id}.`)
  }),
]

const deletedCustomer = (id: string) => ({ id, object: 'customer', deleted: true })
