import { paginate } from '../collection.ts'
import { cardRefusal, invalidRequest, wrongState } from '../errors.ts'
import { requirePaymentMethod } from '../money/cards.ts'
import { collectInvoice } from '../money/collecting.ts'
import { checkOwner } from '../money/intents.ts'
import { finalizeInvoice, intentOfInvoice, settleInvoice, voidInvoice } from '../money/invoicing.ts'
import type { Invoice } from '../objects/invoice.ts'
import * as p from '../params.ts'
import type { StripeState } from '../state.ts'
import { fields, listFields, type Route, route } from './route.ts'

const invoiceStatus = p.oneOf('draft', 'open', 'paid', 'uncollectible', 'void')

const payParams = fields(
  {},
  {
    forgive: p.flag,
    mandate: p.ignored,
    off_session: p.flag,
    paid_out_of_band: p.flag,
    payment_method: p.text(),
    source: p.ignored,
  },
)

function pay(state: StripeState, params: p.Parsed<typeof payParams>, id: string): Invoice {
  const invoice = state.invoices.get(id)
  if (invoice.status === 'paid') throw wrongState('Invoice is already paid')
  if (invoice.status === 'void') throw wrongState('This invoice can no longer be paid')
  const named = params.payment_method
  const method =
    named === undefined ? undefined : checkOwner(state, requirePaymentMethod(state, named), invoice.customer, named)
  if (invoice.status === 'draft') finalizeInvoice(state, invoice)
  if (params.paid_out_of_band) {
    settleInvoice(state, invoice, false)
    return invoice
  }
  const collected = collectInvoice(state, invoice, { method, byHand: true })
  if (collected.status === 'paid') return invoice
  const intent = intentOfInvoice(state, invoice)
  if (collected.status === 'failed')
    throw cardRefusal({ ...collected.decline, ...(intent ? { payment_intent: structuredClone(intent) } : {}) })
  throw cardRefusal({
    code: 'invoice_payment_intent_requires_action',
    message:
      'This payment requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.',
    payment_intent: structuredClone(intent),
  })
}

const invoicePaymentRoutes: Route[] = [
  route(
    'GET',
    '/v1/invoice_payments',
    listFields({
      created: p.createdRange,
      invoice: p.text(),
      payment: p.shape(
        { type: p.oneOf('payment_intent', 'payment_record') },
        { payment_intent: p.text(), payment_record: p.ignored },
      ),
      status: p.oneOf('canceled', 'open', 'paid'),
    }),
    (state, params) =>
      state.invoicePayments.page(
        '/v1/invoice_payments',
        params,
        (payment) =>
          (params.invoice === undefined || payment.invoice === params.invoice) &&
          (params.status === undefined || payment.status === params.status) &&
          (params.payment?.payment_intent === undefined ||
            payment.payment.payment_intent === params.payment.payment_intent),
      ),
  ),
  route('GET', '/v1/invoice_payments/:id', fields({}, {}), (state, _params, id) => state.invoicePayments.get(id)),
]

export const invoiceRoutes: Route[] = [
  route(
    'GET',
    '/v1/invoices',
    listFields({
      collection_method: p.oneOf('charge_automatically', 'send_invoice'),
      created: p.createdRange,
      customer: p.text(),
      due_date: p.ignored,
      status: invoiceStatus,
      subscription: p.text(),
    }),
    (state, params) =>
      state.invoices.page(
        '/v1/invoices',
        params,
        (invoice) =>
          (params.customer === undefined || invoice.customer === params.customer) &&
          (params.status === undefined || invoice.status === params.status) &&
          params.collection_method !== 'send_invoice' &&
          (params.subscription === undefined ||
            invoice.parent.subscription_details.subscription === params.subscription),
      ),
  ),
  route('GET', '/v1/invoices/:id', fields({}, {}), (state, _params, id) => state.invoices.get(id)),
  route('GET', '/v1/invoices/:id/lines', listFields({}), (state, params, id) =>
    paginate(`/v1/invoices/${id}/lines`, state.invoices.get(id).lines.data, params, 'line item'),
  ),
  route(
    'POST',
    '/v1/invoices/:id',
    fields({}, { auto_advance: p.flag, description: p.text(), metadata: p.metadata }),
    (state, params, id) => {
      const invoice = state.invoices.get(id)
      if (params.description !== undefined && invoice.status !== 'draft')
        throw invalidRequest('This invoice is no longer a draft: its description cannot be changed.', {
          param: 'description',
          code: 'invoice_not_editable',
        })
      const { auto_advance, description, metadata } = invoice
      const previous = { auto_advance, description, metadata }
      invoice.auto_advance = params.auto_advance ?? auto_advance
      invoice.description = params.description ?? description
      invoice.metadata = p.mergeMetadata(metadata, params.metadata)
      state.emit('invoice.updated', invoice, previous)
      return invoice
    },
  ),
  route('POST', '/v1/invoices/:id/finalize', fields({}, { auto_advance: p.flag }), (state, params, id) => {
    const invoice = state.invoices.get(id)
    finalizeInvoice(state, invoice)
    invoice.auto_advance = params.auto_advance ?? invoice.auto_advance
    return invoice
  }),
  route('POST', '/v1/invoices/:id/pay', payParams, pay),
  route('POST', '/v1/invoices/:id/void', fields({}, {}), (state, _params, id) => {
    const invoice = state.invoices.get(id)
    voidInvoice(state, invoice)
    return invoice
  }),
  ...invoicePaymentRoutes,
]
