import type { StarSubscriptionView } from '../control-types-stars.ts'

/** The only period Telegram takes: 30 days. */
export const starPeriodSeconds = 2_592_000

export interface StarInvoice {
  title: string
  payload: string
  amount: number
  /** Of a subscription. */
  periodSeconds: number | null
  paidBy: number[]
}

interface StarPayment {
  chargeId: string
  userId: number
  amount: number
  payload: string
  refunded: boolean
}

export interface StarSubscription extends StarSubscriptionView {
  periodSeconds: number
  invoiceKey: string
}

/** As getStarTransactions tells it; money that leaves has a receiver instead of a source. */
interface StarTransaction {
  id: string
  amount: number
  date: number
  source?: Record<string, unknown>
  receiver?: Record<string, unknown>
}

/** Plain maps and objects only: they are kept over a restart. */
export interface StarBooks {
  /** By `chat:message`, or by link. */
  invoices: Map<string, StarInvoice>
  payments: Map<string, StarPayment>
  /** By the first payment's charge id. */
  subscriptions: Map<string, StarSubscription>
  transactions: StarTransaction[]
}

export function createStarBooks(): StarBooks {
  return { invoices: new Map(), payments: new Map(), subscriptions: new Map(), transactions: [] }
}

export function balanceOf({ transactions }: StarBooks): number {
  return transactions.reduce((sum, { amount, source }) => sum + (source ? amount : -amount), 0)
}
