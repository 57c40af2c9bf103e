import { z } from 'zod'
import { idOf, idOrObject } from '#core/rails/stripe/id-or-object.ts'
import { ORDER_METADATA_KEY } from '#core/rails/stripe/read-session.ts'
import { dateOf } from '#core/rails/stripe/read-subscription.ts'
import type { RailInvoice } from '#core/subscriptions/subscription-rail.ts'

const period = z.object({ start: z.number(), end: z.number() })

/**
 * The fields of an invoice that we rely on. Its subscription stands in `parent`, its payments in a list that is only
 * there when asked for: https://docs.stripe.com/api/invoices/object
 */
const invoiceSchema = z.object({
  id: z.string(),
  object: z.literal('invoice'),
  status: z.enum(['draft', 'open', 'paid', 'void', 'uncollectible']),
  billing_reason: z.string().nullable(),
  created: z.number(),
  amount_paid: z.number().int(),
  amount_due: z.number().int(),
  currency: z.string(),
  livemode: z.boolean(),
  attempt_count: z.number().int(),
  next_payment_attempt: z.number().nullable(),
  status_transitions: z.object({ paid_at: z.number().nullable() }),
  parent: z
    .object({
      subscription_details: z
        .object({ subscription: idOrObject, metadata: z.record(z.string(), z.string()).nullable() })
        .nullish(),
    })
    .nullish(),
  payments: z
    .object({ data: z.array(z.object({ status: z.string(), payment: z.object({ payment_intent: idOrObject }) })) })
    .optional(),
  lines: z.object({
    data: z.array(
      z.object({
        period,
        parent: z.object({ subscription_item_details: z.object({ proration: z.boolean() }).nullish() }).nullish(),
      }),
    ),
  }),
})

type Invoice = z.infer<typeof invoiceSchema>

const REASONS: Record<string, RailInvoice['reason']> = {
  subscription_create: 'begin',
  subscription_cycle: 'renewal',
  subscription_update: 'change',
}

/** Reads an invoice (with its payments expanded); null when it is none. */
export function readInvoice(answer: unknown): (RailInvoice & { subscriptionId: string | null }) | null {
  const parsed = invoiceSchema.safeParse(answer)
  if (!parsed.success) return null
  const invoice = parsed.data
  const details = invoice.parent?.subscription_details
  return {
    id: invoice.id,
    subscriptionId: idOf(details?.subscription),
    orderId: details?.metadata?.[ORDER_METADATA_KEY] ?? null,
    status: invoice.status,
    reason: REASONS[invoice.billing_reason ?? ''] ?? 'other',
    createdAt: new Date(invoice.created * 1000),
    paidAt: dateOf(invoice.status_transitions.paid_at),
    amountPaidMinor: invoice.amount_paid,
    amountDueMinor: invoice.amount_due,
    currency: invoice.currency,
    livemode: invoice.livemode,
    attempts: invoice.attempt_count,
    nextAttemptAt: dateOf(invoice.next_payment_attempt),
    paymentId: paymentOf(invoice),
    period: periodOf(invoice),
  }
}

function paymentOf({ payments }: Invoice): string | null {
  const paid = payments?.data.find(({ status }) => status === 'paid') ?? payments?.data[0]
  return idOf(paid?.payment.payment_intent)
}

/** The whole period that is billed; lines about parts of an earlier one come before or beside it. */
function periodOf({ lines }: Invoice): RailInvoice['period'] {
  const whole = lines.data.filter(({ parent }) => !parent?.subscription_item_details?.proration)
  const last = whole.toSorted((a, b) => a.period.end - b.period.end).at(-1)?.period
  return last ? { startsAt: new Date(last.start * 1000), endsAt: new Date(last.end * 1000) } : null
}
