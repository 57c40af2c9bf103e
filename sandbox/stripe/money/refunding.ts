import { invalidRequest, wrongState } from '../errors.ts'
import { buildBalanceTransaction } from '../objects/balance-transaction.ts'
import type { Charge } from '../objects/charge.ts'
import { buildRefund, type Refund } from '../objects/refund.ts'
import type { Metadata } from '../objects/wire-object.ts'
import type { StripeState } from '../state.ts'
import { formatMoney } from './currency.ts'

/** Gives money back, all that is left unless an amount is named. `amount_refunded` of the charge adds up. */
export function refundCharge(
  state: StripeState,
  charge: Charge,
  given: { amount?: number | undefined; reason?: string | undefined; metadata?: Metadata | undefined },
): Refund {
  const left = charge.amount - charge.amount_refunded
  requireRefundable(state, charge, given.amount, left)
  const refund = state.refunds.add(
    buildRefund(state.now(), charge, {
      amount: given.amount ?? left,
      reason: given.reason ?? null,
      metadata: given.metadata ?? {},
    }),
  )
  const transaction = state.balanceTransactions.add(
    buildBalanceTransaction(state.now(), {
      amount: -refund.amount,
      currency: refund.currency,
      source: refund.id,
      type: 'refund',
      description: 'REFUND FOR CHARGE',
    }),
  )
  refund.balance_transaction = transaction.id
  const previous = { amount_refunded: charge.amount_refunded, refunded: charge.refunded }
  charge.amount_refunded += refund.amount
  charge.refunded = charge.amount_refunded === charge.amount
  const isCard = (charge.payment_method_details as { type?: string } | null)?.type === 'card'
  if (!isCard) Object.assign(refund, { status: 'pending', pending_reason: 'processing' })
  state.emit('refund.created', refund)
  state.emit('charge.refunded', charge, previous)
  if (isCard) announceReference(state, refund)
  else state.clock.after(state.options.settleDelayMs, () => settleRefund(state, refund))
  return refund
}

/** Money goes back to a bank account slowly, and may still fail on the way. */
function settleRefund(state: StripeState, refund: Refund): void {
  if (refund.status !== 'pending') return
  const previous = { status: refund.status }
  refund.status = 'succeeded'
  Reflect.deleteProperty(refund, 'pending_reason')
  state.emit('refund.updated', refund, previous)
  state.emit('charge.refund.updated', refund, previous)
}

/** A refund that had succeeded bounces: the buyer's bank sent the money back to us. */
export function failRefund(state: StripeState, refund: Refund, reason: string): Refund {
  if (refund.status !== 'succeeded' && refund.status !== 'pending')
    throw wrongState(`The refund ${refund.id} is ${refund.status} and cannot fail.`)
  const previous = { status: refund.status }
  const charge = state.charges.get(refund.charge)
  const transaction = state.balanceTransactions.add(
    buildBalanceTransaction(state.now(), {
      amount: refund.amount,
      currency: refund.currency,
      source: refund.id,
      type: 'refund_failure',
      description: 'REFUND FAILURE',
    }),
  )
  Object.assign(refund, { status: 'failed', failure_reason: reason, failure_balance_transaction: transaction.id })
  charge.amount_refunded -= refund.amount
  charge.refunded = false
  state.emit('refund.updated', refund, previous)
  state.emit('charge.refund.updated', refund, previous)
  state.emit('refund.failed', refund, previous)
  return refund
}

function requireRefundable(state: StripeState, charge: Charge, amount: number | undefined, left: number): void {
  if (charge.status !== 'succeeded')
    throw wrongState(`Charge ${charge.id} has not been captured and cannot be refunded.`, 'charge_not_captured')
  if (left === 0) throw wrongState(`Charge ${charge.id} has already been refunded.`, 'charge_already_refunded')
  const dispute = state.disputes.find(typeof charge.dispute === 'string' ? charge.dispute : null)
  if (charge.disputed && dispute && !dispute.is_charge_refundable && dispute.status !== 'won')
    throw wrongState(`Charge ${charge.id} has been charged back; cannot issue a refund.`, 'charge_disputed')
  if (amount === undefined) return
  if (amount < 1)
    throw invalidRequest('This value must be greater than or equal to 1.', {
      param: 'amount',
      code: 'parameter_invalid_integer',
    })
  if (amount > left)
    throw invalidRequest(
      `Refund amount (${formatMoney(amount, charge.currency)}) is greater than unrefunded amount on charge (${formatMoney(left, charge.currency)})`,
      { param: 'amount' },
    )
}

/** Banks report a reference some time after the refund; its arrival is an update of the refund. */
function announceReference(state: StripeState, refund: Refund): void {
  const details = refund.destination_details as { card: Record<string, unknown> }
  const previous = { destination_details: structuredClone(details) }
  details.card.reference_status = 'available'
  details.card.reference = '74530000000000000000001'
  state.emit('refund.updated', refund, previous)
  state.emit('charge.refund.updated', refund, previous)
}
