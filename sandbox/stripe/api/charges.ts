import { invalidRequest, missingResource, wrongState } from '../errors.ts'
import { currency } from '../money/currency.ts'
import { decideDispute, isClosed, submitEvidence } from '../money/disputing.ts'
import { refundCharge } from '../money/refunding.ts'
import type { Charge } from '../objects/charge.ts'
import { EVIDENCE_FIELDS } from '../objects/dispute.ts'
import * as p from '../params.ts'
import type { StripeState } from '../state.ts'
import { fields, listFields, type Route, route } from './route.ts'

const evidenceFields: Record<string, p.Parser<unknown>> = {
  ...Object.fromEntries(EVIDENCE_FIELDS.map((field) => [field, p.clearableText])),
  enhanced_evidence: p.ignored,
}
const evidence = p.shape({}, evidenceFields)

const refundParams = fields(
  {},
  {
    amount: p.integer,
    charge: p.text(),
    currency,
    customer: p.text(),
    instructions_email: p.ignored,
    metadata: p.metadata,
    origin: p.ignored,
    payment_intent: p.text(),
    reason: p.oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
    refund_application_fee: p.flag,
    reverse_transfer: p.flag,
  },
)

function chargeToRefund(state: StripeState, params: p.Parsed<typeof refundParams>): Charge {
  if (params.charge !== undefined) return state.charges.require(params.charge, 'charge')
  if (params.payment_intent === undefined)
    throw invalidRequest('One of the following params should be provided for this request: payment_intent or charge.', {
      code: 'parameter_missing',
    })
  const intent = state.paymentIntents.require(params.payment_intent, 'payment_intent')
  const charge = state.charges.find(intent.latest_charge)
  if (charge?.status === 'succeeded') return charge
  throw wrongState(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`)
}

const ofPayment =
  (params: { charge?: string; payment_intent?: string }) =>
  (object: { charge: string; payment_intent: string | null }) =>
    (params.charge === undefined || object.charge === params.charge) &&
    (params.payment_intent === undefined || object.payment_intent === params.payment_intent)

const chargeRoutes: Route[] = [
  route(
    'GET',
    '/v1/charges',
    listFields({ created: p.createdRange, customer: p.text(), payment_intent: p.text(), transfer_group: p.ignored }),
    (state, params) =>
      state.charges.page(
        '/v1/charges',
        params,
        (charge) =>
          (params.customer === undefined || charge.customer === params.customer) &&
          (params.payment_intent === undefined || charge.payment_intent === params.payment_intent),
      ),
  ),
  route('GET', '/v1/charges/:id', fields({}, {}), (state, _params, id) => state.charges.get(id)),
  route(
    'POST',
    '/v1/charges/:id',
    fields(
      {},
      {
        customer: p.ignored,
        description: p.text(),
        fraud_details: p.ignored,
        metadata: p.metadata,
        receipt_email: p.email,
        shipping: p.ignored,
        transfer_group: p.ignored,
      },
    ),
    (state, params, id) => {
      const charge = state.charges.get(id)
      charge.metadata = p.mergeMetadata(charge.metadata, params.metadata)
      if (params.description !== undefined) charge.description = params.description
      if (params.receipt_email !== undefined) charge.receipt_email = params.receipt_email
      state.emit('charge.updated', charge, {})
      return charge
    },
  ),
]

const refundRoutes: Route[] = [
  route('POST', '/v1/refunds', refundParams, (state, params) =>
    refundCharge(state, chargeToRefund(state, params), {
      amount: params.amount,
      reason: params.reason,
      metadata: p.mergeMetadata({}, params.metadata),
    }),
  ),
  route(
    'GET',
    '/v1/refunds',
    listFields({ charge: p.text(), created: p.createdRange, payment_intent: p.text() }),
    (state, params) => state.refunds.page('/v1/refunds', params, ofPayment(params)),
  ),
  route('GET', '/v1/refunds/:id', fields({}, {}), (state, _params, id) => state.refunds.get(id)),
  route('POST', '/v1/refunds/:id', fields({}, { metadata: p.metadata }), (state, params, id) => {
    const refund = state.refunds.get(id)
    const previous = { metadata: refund.metadata }
    refund.metadata = p.mergeMetadata(refund.metadata, params.metadata)
    state.emit('refund.updated', refund, previous)
    state.emit('charge.refund.updated', refund, previous)
    return refund
  }),
  route('POST', '/v1/refunds/:id/cancel', fields({}, {}), (state, _params, id) => {
    const refund = state.refunds.get(id)
    throw wrongState(`Refund ${refund.id} with status ${refund.status} cannot be canceled.`)
  }),
]

const disputeRoutes: Route[] = [
  route(
    'GET',
    '/v1/disputes',
    listFields({ charge: p.text(), created: p.createdRange, payment_intent: p.text() }),
    (state, params) => state.disputes.page('/v1/disputes', params, ofPayment(params)),
  ),
  route('GET', '/v1/disputes/:id', fields({}, {}), (state, _params, id) => state.disputes.get(id)),
  route(
    'POST',
    '/v1/disputes/:id',
    fields({}, { evidence, intended_submission_method: p.ignored, metadata: p.metadata, submit: p.flag }),
    (state, params, id) => {
      const dispute = state.disputes.get(id)
      if (params.evidence && (isClosed(dispute) || dispute.evidence_details.submission_count > 0))
        throw wrongState(`This dispute can no longer be updated: its status is ${dispute.status}.`)
      Object.assign(dispute.evidence, params.evidence)
      dispute.metadata = p.mergeMetadata(dispute.metadata, params.metadata)
      // As in the real API, evidence is handed in at once unless told otherwise.
      if (params.evidence && params.submit !== false) submitEvidence(state, dispute)
      else state.emit('charge.dispute.updated', dispute, {})
      return dispute
    },
  ),
  route('POST', '/v1/disputes/:id/close', fields({}, {}), (state, _params, id) =>
    decideDispute(state, state.disputes.get(id), 'lost'),
  ),
]

const balanceTransactionRoutes: Route[] = [
  route(
    'GET',
    '/v1/balance_transactions',
    listFields({ created: p.createdRange, currency, payout: p.ignored, source: p.text(), type: p.text() }),
    (state, params) =>
      state.balanceTransactions.page(
        '/v1/balance_transactions',
        params,
        (transaction) =>
          (params.source === undefined || transaction.source === params.source) &&
          (params.type === undefined || transaction.type === params.type) &&
          (params.currency === undefined || transaction.currency === params.currency),
      ),
  ),
  route('GET', '/v1/balance_transactions/:id', fields({}, {}), (state, _params, id) => {
    const transaction = state.balanceTransactions.find(id)
    if (!transaction) throw missingResource('balance transaction', id)
    return transaction
  }),
]

export const moneyRoutes: Route[] = [...chargeRoutes, ...refundRoutes, ...disputeRoutes, ...balanceTransactionRoutes]
