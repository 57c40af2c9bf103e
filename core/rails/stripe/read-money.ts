import { z } from 'zod'
import type { CustomerCard, ListedMoney, PaymentTry, RailDispute, RailRefund } from '#core/rails/books-rail.ts'
import { idOf, idOrObject } from '#core/rails/stripe/id-or-object.ts'
import { ORDER_METADATA_KEY } from '#core/rails/stripe/read-session.ts'

/** Our name for the request in a refund's metadata. */
export const REFUND_METADATA_KEY = 'refund_request'

const metadata = z.record(z.string(), z.string()).nullish()
const moment = (seconds: number) => new Date(seconds * 1000)

const chargeSchema = z.object({
  id: z.string(),
  object: z.literal('charge'),
  status: z.string(),
  amount: z.number().int(),
  amount_captured: z.number().int(),
  amount_refunded: z.number().int(),
  currency: z.string(),
  created: z.number(),
  livemode: z.boolean(),
  customer: idOrObject,
  payment_intent: idOrObject,
  metadata,
})

/** Reads a charge; null when it is none. `status` says whether it took money: `succeeded`. */
export function readMoney(answer: unknown): (ListedMoney & { status: string }) | null {
  const parsed = chargeSchema.safeParse(answer)
  if (!parsed.success) return null
  const charge = parsed.data
  return {
    chargeId: charge.id,
    status: charge.status,
    paymentIntentId: idOf(charge.payment_intent),
    orderId: charge.metadata?.[ORDER_METADATA_KEY] ?? null,
    customerId: idOf(charge.customer),
    amountMinor: charge.amount_captured,
    refundedMinor: charge.amount_refunded,
    currency: charge.currency,
    livemode: charge.livemode,
    createdAt: moment(charge.created),
  }
}

const refundSchema = z.object({
  id: z.string(),
  object: z.literal('refund'),
  amount: z.number().int(),
  currency: z.string(),
  status: z.string().nullable(),
  reason: z.string().nullish(),
  charge: idOrObject,
  metadata,
})

/** Reads a refund and the charge that it belongs to; null when it is none. */
export function readRefund(answer: unknown): (RailRefund & { chargeId: string | null }) | null {
  const parsed = refundSchema.safeParse(answer)
  if (!parsed.success) return null
  const refund = parsed.data
  return {
    id: refund.id,
    chargeId: idOf(refund.charge),
    amountMinor: refund.amount,
    currency: refund.currency,
    status: refund.status ?? 'pending',
    requestId: refund.metadata?.[REFUND_METADATA_KEY] ?? null,
    reason: refund.reason ?? null,
  }
}

const disputeSchema = z.object({
  id: z.string(),
  object: z.literal('dispute'),
  amount: z.number().int(),
  currency: z.string(),
  status: z.string(),
  reason: z.string(),
  created: z.number(),
  charge: idOrObject,
  evidence_details: z.object({ due_by: z.number().nullish() }).nullish(),
})

/** Reads a dispute and the charge that it is about; null when it is none. */
export function readDispute(answer: unknown): (RailDispute & { chargeId: string | null }) | null {
  const parsed = disputeSchema.safeParse(answer)
  if (!parsed.success) return null
  const dispute = parsed.data
  const dueBy = dispute.evidence_details?.due_by
  return {
    id: dispute.id,
    chargeId: idOf(dispute.charge),
    amountMinor: dispute.amount,
    currency: dispute.currency,
    status: dispute.status,
    reason: dispute.reason,
    evidenceDueAt: dueBy ? moment(dueBy) : null,
    openedAt: moment(dispute.created),
  }
}

const trySchema = z.object({
  id: z.string(),
  object: z.literal('payment_intent'),
  status: z.string(),
  metadata,
  latest_charge: idOrObject,
  last_payment_error: z.object({ code: z.string().nullish(), decline_code: z.string().nullish() }).nullish(),
})

/** Reads a PaymentIntent and the charge it led to last; null when it is none. */
export function readTry(answer: unknown): (PaymentTry & { chargeId: string | null }) | null {
  const parsed = trySchema.safeParse(answer)
  if (!parsed.success) return null
  const { id, status, last_payment_error: error, latest_charge: charge, metadata: notes } = parsed.data
  return {
    id,
    chargeId: idOf(charge),
    orderId: notes?.[ORDER_METADATA_KEY] ?? null,
    hasFailed: status === 'requires_payment_method' && error != null,
    failureCode: error?.decline_code ?? error?.code ?? null,
  }
}

const cardSchema = z.object({
  id: z.string(),
  object: z.literal('payment_method'),
  customer: idOrObject,
  card: z.object({ brand: z.string(), last4: z.string() }).nullish(),
})

/** Reads a PaymentMethod; null when it is none. */
export function readCustomerCard(answer: unknown): CustomerCard | null {
  const parsed = cardSchema.safeParse(answer)
  if (!parsed.success) return null
  const { id, customer, card } = parsed.data
  return { id, customerId: idOf(customer), brand: card?.brand ?? null, last4: card?.last4 ?? null }
}
