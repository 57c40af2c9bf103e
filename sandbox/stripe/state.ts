import { ApiFaults } from './api-faults.ts'
import { SandboxClock } from './clock.ts'
import { Collection } from './collection.ts'
import type { Dunning, SavedCardBehaviour, StripeOptions, WireEvent } from './control-types.ts'
import { IdempotencyStore } from './idempotency.ts'
import type { BalanceTransaction } from './objects/balance-transaction.ts'
import type { LineItem, Price, Product } from './objects/catalog.ts'
import type { Charge } from './objects/charge.ts'
import type { CheckoutSession } from './objects/checkout-session.ts'
import type { Customer } from './objects/customer.ts'
import type { Dispute } from './objects/dispute.ts'
import { buildEvent } from './objects/event.ts'
import type { Invoice, InvoiceLine } from './objects/invoice.ts'
import type { InvoicePayment } from './objects/invoice-payment.ts'
import type { PaymentIntent } from './objects/payment-intent.ts'
import type { PaymentMethod } from './objects/payment-method.ts'
import type { PortalSession } from './objects/portal-session.ts'
import type { Refund } from './objects/refund.ts'
import type { SetupIntent } from './objects/setup-intent.ts'
import type { Subscription } from './objects/subscription.ts'
import type { WebhookEndpoint } from './objects/webhook-endpoint.ts'
import type { StripeObject } from './objects/wire-object.ts'
import { Timeline } from './timeline.ts'
import { createTrafficLog, type TrafficLine } from './traffic-log.ts'
import { Webhooks } from './webhooks.ts'

/** What a Checkout Session knows beyond its wire form. */
export type SessionSecrets = {
  lineItems: LineItem[]
  intentData: {
    description?: string | null
    metadata?: Record<string, string>
    receipt_email?: string | null
    setup_future_usage?: 'off_session' | 'on_session' | null
    statement_descriptor?: string | null
    statement_descriptor_suffix?: string | null
  }
  subscriptionData: { description: string | null; metadata: Record<string, string> }
  /** In subscription mode the session itself never names its PaymentIntent. */
  paymentIntentId?: string
  /** Set while the buyer stands before the challenge. */
  challenge?: { paymentMethodId: string; email: string | null }
}

export type StateOptions = Required<
  Pick<StripeOptions, 'apiKey' | 'merchantName' | 'disputeDelayMs' | 'settleDelayMs'>
> & {
  publicUrl: string
  trafficLog: string | undefined
  clock: () => number
}

/** What another run of the stand-in needs to go on. */
export interface Memory {
  /** By what refusals call the kind. */
  objects: Record<string, StripeObject[]>
  sessionSecrets: Map<string, SessionSecrets>
  cardBehaviours: Map<string, SavedCardBehaviour>
  deletedIds: Map<string, string>
  pendingLines: Map<string, InvoiceLine[]>
  dunning: Dunning
  skippedMs: number
}

/** As a new account is set up: tries again after 3, 5 and 7 days, then cancels. */
const DEFAULT_DUNNING: Dunning = { retryAfterDays: [3, 5, 7], finally: 'cancel' }

/** The whole stand-in's memory, and the one place that emits events. */
export class StripeState {
  readonly customers = new Collection<Customer>('customer')
  readonly products = new Collection<Product>('product')
  readonly prices = new Collection<Price>('price')
  readonly sessions = new Collection<CheckoutSession>('checkout.session')
  readonly paymentIntents = new Collection<PaymentIntent>('payment_intent')
  readonly setupIntents = new Collection<SetupIntent>('setupintent')
  readonly paymentMethods = new Collection<PaymentMethod>('PaymentMethod')
  readonly charges = new Collection<Charge>('charge')
  readonly refunds = new Collection<Refund>('refund')
  readonly disputes = new Collection<Dispute>('dispute')
  readonly balanceTransactions = new Collection<BalanceTransaction>('balance transaction')
  readonly subscriptions = new Collection<Subscription>('subscription')
  readonly invoices = new Collection<Invoice>('invoice')
  readonly invoicePayments = new Collection<InvoicePayment>('invoice payment')
  readonly portalSessions = new Collection<PortalSession>('billing portal session')
  readonly webhookEndpoints = new Collection<WebhookEndpoint>('webhook endpoint')
  readonly events = new Collection<WireEvent>('event')

  readonly sessionSecrets = new Map<string, SessionSecrets>()
  /** How a card behaves when charged later, by payment method. */
  readonly cardBehaviours = new Map<string, SavedCardBehaviour>()
  readonly deletedIds = new Map<string, string>()
  /** What changes of plan left over for a subscription's next invoice. */
  readonly pendingLines = new Map<string, InvoiceLine[]>()
  dunning = DEFAULT_DUNNING

  readonly options: StateOptions
  readonly clock: SandboxClock
  readonly timeline = new Timeline()
  readonly webhooks: Webhooks
  readonly idempotency = new IdempotencyStore()
  readonly apiFaults = new ApiFaults()
  readonly log: (line: TrafficLine) => void
  /** The API request being executed; events name it. Handlers run to their end without awaiting. */
  currentRequest: { id: string | null; idempotency_key: string | null } = { id: null, idempotency_key: null }

  constructor(options: StateOptions) {
    this.options = options
    this.clock = new SandboxClock(options.clock)
    this.webhooks = new Webhooks(this.webhookEndpoints, this.clock, this.timeline)
    this.log = createTrafficLog(options.trafficLog)
  }

  now(): number {
    return this.clock.nowSeconds()
  }

  /** Records an event about the object as it is now and sets its delivery going. */
  emit(type: string, object: StripeObject, previous?: Record<string, unknown>): WireEvent {
    const event = buildEvent(this.now(), {
      type,
      object,
      previous,
      request: { ...this.currentRequest },
      pendingWebhooks: this.webhooks.endpointsFor(type).length,
    })
    this.events.add(event)
    this.log({ kind: 'event', event })
    this.timeline.publish({ kind: 'event', atMs: this.clock.wallMs(), event })
    this.webhooks.deliver(event)
    return event
  }

  /** Any stored object by its id, for expansion and for the control verbs. */
  lookUp(id: string): StripeObject | undefined {
    for (const collection of this.collections()) {
      const found = collection.find(id)
      if (found) return found
    }
    return undefined
  }

  memory(): Memory {
    const { sessionSecrets, cardBehaviours, deletedIds, pendingLines, dunning } = this
    const objects = Object.fromEntries(this.remembered().map((collection) => [collection.noun, collection.all()]))
    return {
      objects,
      sessionSecrets,
      cardBehaviours,
      deletedIds,
      pendingLines,
      dunning,
      skippedMs: this.clock.skipped(),
    }
  }

  /** Into an empty state; what was planned is planned anew by the caller. */
  restore(memory: Memory): void {
    for (const collection of this.remembered())
      for (const object of memory.objects[collection.noun] ?? []) collection.add(object)
    for (const name of ['sessionSecrets', 'cardBehaviours', 'deletedIds', 'pendingLines'] as const)
      for (const [key, value] of memory[name]) (this[name] as Map<string, unknown>).set(key, value)
    this.dunning = memory.dunning
    this.clock.resume(memory.skippedMs)
  }

  reset(): void {
    for (const collection of this.remembered()) collection.clear()
    this.sessionSecrets.clear()
    this.cardBehaviours.clear()
    this.deletedIds.clear()
    this.pendingLines.clear()
    this.dunning = DEFAULT_DUNNING
    this.idempotency.clear()
    this.apiFaults.clear()
    this.clock.clear()
    this.webhooks.reset()
  }

  /** Where webhooks go is said anew at each start. */
  private remembered(): Collection<StripeObject>[] {
    return this.collections().filter((collection) => collection !== this.webhookEndpoints)
  }

  private collections(): Collection<StripeObject>[] {
    return [
      this.customers,
      this.products,
      this.prices,
      this.sessions,
      this.paymentIntents,
      this.setupIntents,
      this.paymentMethods,
      this.charges,
      this.refunds,
      this.disputes,
      this.balanceTransactions,
      this.subscriptions,
      this.invoices,
      this.invoicePayments,
      this.portalSessions,
      this.webhookEndpoints,
      this.events,
    ]
  }
}
