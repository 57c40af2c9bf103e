import { wrongState } from '../errors.ts'
import { buildBalanceTransaction } from '../objects/balance-transaction.ts'
import type { Charge } from '../objects/charge.ts'
import { buildDispute, type Dispute } from '../objects/dispute.ts'
import type { StripeState } from '../state.ts'

const DISPUTE_FEE_MINOR = 1500

/** The cardholder's bank takes the money back; an inquiry only asks and takes nothing. */
export function openDispute(
  state: StripeState,
  charge: Charge,
  given: { reason?: string | undefined; amountMinor?: number | undefined; inquiry?: boolean | undefined },
): Dispute {
  if (charge.status !== 'succeeded') throw wrongState(`The charge ${charge.id} was never paid.`)
  if (charge.disputed) throw wrongState(`The charge ${charge.id} is disputed already.`)
  const amount = given.amountMinor ?? charge.amount - charge.amount_refunded
  if (amount < 1 || amount > charge.amount) throw wrongState(`The charge ${charge.id} has no such amount to dispute.`)
  const inquiry = given.inquiry ?? false
  const dispute = state.disputes.add(
    buildDispute(state.now(), charge, { amount, reason: given.reason ?? 'fraudulent', inquiry }),
  )
  Object.assign(charge, { disputed: true, dispute: dispute.id })
  state.emit('charge.dispute.created', dispute)
  if (!inquiry) {
    addMovement(state, dispute, -amount, DISPUTE_FEE_MINOR, 'dispute')
    state.emit('charge.dispute.funds_withdrawn', dispute)
  }
  return dispute
}

/** The final word: won money comes back, an inquiry closes without any having moved. */
export function decideDispute(state: StripeState, dispute: Dispute, outcome: 'won' | 'lost'): Dispute {
  if (isClosed(dispute)) throw wrongState(`This dispute is already closed`, 'dispute_already_closed')
  const wasInquiry = dispute.status.startsWith('warning_')
  const previous = { status: dispute.status }
  dispute.status = wasInquiry ? 'warning_closed' : outcome
  dispute.evidence_details.due_by = null
  if (wasInquiry) {
    const charge = state.charges.find(dispute.charge)
    if (charge) charge.disputed = false
  }
  const isReturned = !wasInquiry && outcome === 'won'
  if (isReturned) addMovement(state, dispute, dispute.amount, -DISPUTE_FEE_MINOR, 'dispute_reversal')
  state.emit('charge.dispute.closed', dispute, previous)
  if (isReturned) state.emit('charge.dispute.funds_reinstated', dispute)
  return dispute
}

/** Evidence was handed in: from now on the bank decides. */
export function submitEvidence(state: StripeState, dispute: Dispute): void {
  const previous = { status: dispute.status }
  dispute.status = dispute.status.startsWith('warning_') ? 'warning_under_review' : 'under_review'
  dispute.evidence_details.submission_count += 1
  dispute.evidence_details.has_evidence = true
  dispute.evidence_details.submission_method = 'manual'
  state.emit('charge.dispute.updated', dispute, previous)
}

export function isClosed(dispute: Dispute): boolean {
  return ['won', 'lost', 'warning_closed'].includes(dispute.status)
}

function addMovement(state: StripeState, dispute: Dispute, amount: number, fee: number, category: string): void {
  const transaction = state.balanceTransactions.add(
    buildBalanceTransaction(state.now(), {
      amount,
      currency: dispute.currency,
      fee,
      source: dispute.id,
      type: 'adjustment',
      reporting_category: category,
      description: `Chargeback ${category === 'dispute' ? 'withdrawal' : 'reversal'} for ${dispute.charge}`,
    }),
  )
  dispute.balance_transactions.push(transaction)
}
