/**
 * What the outside world may do to the Stripe stand-in, apart from calling its API: pay as a buyer, act in the
 * dashboard, break the webhooks or the API, wait for something to happen. The same verbs work in process
 * (`standIn.world`) and over HTTP (`createStripeControl(url)`).
 */

/** How the card behaves while the buyer pays. The two timed ones settle by themselves after `settleDelayMs`. */
export type CardOutcome =
  | 'succeeds'
  | 'declined'
  | 'insufficient_funds'
  /** Asks for a challenge; `challenge` says how the buyer answers it. */
  | 'authentication'
  /** Succeeds, then a dispute arrives after `disputeDelayMs`. */
  | 'disputed'
  /** A delayed method: the session completes unpaid and waits for `settlePayment`. */
  | 'delayed'
  | 'delayed_succeeds'
  | 'delayed_fails'

/** How a saved card behaves when it is charged later without the buyer. */
export type SavedCardBehaviour =
  | 'succeeds'
  | 'declined'
  | 'insufficient_funds'
  | 'expired_card'
  | 'authentication_required'

/** What happens when a renewal's card fails: so many days after each failure it is tried again, then it ends. */
export type Dunning = { retryAfterDays: number[]; finally: 'cancel' | 'unpaid' | 'past_due' }

/** A Stripe object as it goes over the wire; read further fields through the index. */
export type WireObject = { id: string; object: string; [field: string]: unknown }

export type WireSession = WireObject & {
  object: 'checkout.session'
  url: string | null
  status: 'open' | 'complete' | 'expired'
  payment_status: 'paid' | 'unpaid' | 'no_payment_required'
  payment_intent: string | null
  setup_intent: string | null
  subscription: string | null
  invoice: string | null
  customer: string | null
  client_reference_id: string | null
  amount_total: number | null
  currency: string | null
  metadata: Record<string, string>
}

export type WireEvent = WireObject & {
  object: 'event'
  type: string
  created: number
  api_version: string
  pending_webhooks: number
  data: { object: WireObject; previous_attributes?: Record<string, unknown> }
}

export type PayResult = {
  status: 'complete' | 'declined' | 'challenge'
  session: WireSession
  /** Where the browser would be sent: success page, or null while the buyer stays on the pay page. */
  redirectUrl: string | null
  /** What the buyer reads when the card was refused. */
  message: string | null
}

export type PaySessionInput = {
  sessionId: string
  outcome?: CardOutcome
  /** Default `complete`; `leave` stops at the challenge. */
  challenge?: 'complete' | 'fail' | 'leave'
  email?: string
  /** How the card behaves later, if this payment saves it. */
  savedCard?: SavedCardBehaviour
}

export type WebhookTarget = {
  url: string
  secret: string
  /** The version written into events; differs from the SDK's on purpose in some tests. */
  apiVersion?: string
  /** Default `['*']`. */
  enabledEvents?: string[]
}

export type WebhookFaults = {
  /** Each event is delivered this many times in all (1 = normal). */
  copies?: number
  /** So many of the next matching events are never delivered (they stay in the events list). */
  drop?: number
  /** Each first delivery waits this long. */
  delayMs?: number
  /** Each first delivery waits a random time up to this, so that order is lost. */
  shuffleWithinMs?: number
  /** Only these event types are affected; default all. */
  types?: string[]
}

export type ApiFault = {
  kind:
    | 'rate_limit'
    | 'server_error'
    /** Answers after `delayMs`, or when the troubles are cleared. */
    | 'slow'
    /** Cuts the connection before anything is done. */
    | 'drop_before'
    /** Does the work, then cuts the connection without an answer. */
    | 'drop_after'
  /** Path prefix such as `/v1/checkout/sessions`; `*` stands for one segment. Default: every path. */
  path?: string
  method?: 'GET' | 'POST' | 'DELETE'
  /** How many requests; default 1. */
  times?: number
  delayMs?: number
  /** For `server_error`: 500 (default), 502 or 503. For `rate_limit`: seconds in `Retry-After`. */
  status?: number
  retryAfterSeconds?: number
}

/** One attempt to deliver one event to one target. */
export type Delivery = {
  eventId: string
  eventType: string
  url: string
  /** 1 for the first try of a copy. */
  attempt: number
  /** Which copy of the event: 1 unless duplicated or redelivered. */
  copy: number
  state: 'delivered' | 'failed' | 'dropped'
  status: number | null
  error: string | null
  startedAtMs: number
  durationMs: number
}

/** What the stand-in tells on its timeline (`GET /control/events`). */
export type TimelineEntry =
  | {
      kind: 'request'
      atMs: number
      requestId: string
      method: string
      path: string
      status: number
      durationMs: number
      idempotencyKey: string | null
      /** True when the reply was a saved one. */
      replayed: boolean
      params: unknown
      response: unknown
    }
  | { kind: 'event'; atMs: number; event: WireEvent }
  | { kind: 'delivery'; atMs: number; delivery: Delivery }

type Wait = {
  /** Default 10 s; then the wait fails. */
  timeoutMs?: number
}

export type EventQuery = Wait & {
  type: string
  /** Id of `data.object`, or any id found in its `payment_intent`, `customer`, `charge` or `client_reference_id`. */
  about?: string
  /** Only events emitted after this one. */
  afterEventId?: string
}

export type ObjectQuery = { sessionId?: string; paymentIntentId?: string; chargeId?: string }

/** Every verb takes one object and answers with plain JSON, so that the same call works in process and over HTTP. */
export type StripeControl = {
  // The buyer
  paySession(input: PaySessionInput): Promise<PayResult>
  /** Answers the challenge of a session left at it. */
  answerChallenge(input: { sessionId: string; answer: 'complete' | 'fail' }): Promise<PayResult>
  expireSession(input: { sessionId: string }): Promise<WireSession>
  /** Decides a delayed payment that is still unpaid. */
  settlePayment(input: ObjectQuery & { succeeds: boolean }): Promise<WireObject>

  // The dashboard and the card network
  createDispute(input: ObjectQuery & { reason?: string; amountMinor?: number; inquiry?: boolean }): Promise<WireObject>
  closeDispute(input: { disputeId: string; outcome: 'won' | 'lost' }): Promise<WireObject>
  refundPayment(input: ObjectQuery & { amountMinor?: number; reason?: string }): Promise<WireObject>
  /** A refund that had succeeded comes back: the money could not be returned. */
  failRefund(input: { refundId: string; reason?: string }): Promise<WireObject>
  /** A customer with a saved default card, without walking through Checkout. */
  createSavedCard(input: {
    customerId?: string
    email?: string
    behaviour?: SavedCardBehaviour
  }): Promise<{ customerId: string; paymentMethodId: string }>
  setSavedCardBehaviour(input: {
    paymentMethodId?: string
    customerId?: string
    behaviour: SavedCardBehaviour
  }): Promise<{ paymentMethodIds: string[] }>

  /** Replaces how failed renewals are tried again. */
  setDunning(input: Partial<Dunning>): Promise<Dunning>

  // Webhooks
  setWebhook(input: WebhookTarget): Promise<void>
  removeWebhooks(input?: Record<string, never>): Promise<void>
  pauseWebhooks(input?: Record<string, never>): Promise<void>
  /** Delivers what was held back, in the order asked for. Answers how many. */
  resumeWebhooks(input?: { order?: 'emitted' | 'reversed' | 'shuffled' }): Promise<{ released: number }>
  /** Replaces the faults in force; `{}` ends them. */
  setWebhookFaults(input: WebhookFaults): Promise<void>
  redeliver(input: { eventId: string; times?: number }): Promise<Delivery[]>
  /** How failed deliveries are repeated; the default is 0.5 s, 1 s, 2 s … up to 30 s, 12 tries. */
  setWebhookRetries(input: {
    firstDelayMs?: number
    maxDelayMs?: number
    maxTries?: number
    timeoutMs?: number
  }): Promise<void>

  // API faults
  addApiFault(input: ApiFault): Promise<{ faultId: string }>
  clearApiFaults(input?: Record<string, never>): Promise<void>

  // Looking
  /** With their `line_items`, as when these are asked for. */
  listSessions(input?: { status?: WireSession['status'] }): Promise<WireSession[]>
  listPaymentIntents(input?: { customerId?: string; status?: string }): Promise<WireObject[]>
  listCharges(input?: { customerId?: string }): Promise<WireObject[]>
  /** Ended ones too. Oldest first, as in all of these. */
  listSubscriptions(input?: { customerId?: string; status?: string }): Promise<WireObject[]>
  listInvoices(input?: { customerId?: string; subscriptionId?: string; status?: string }): Promise<WireObject[]>
  listDisputes(input?: Record<string, never>): Promise<WireObject[]>
  listEvents(input?: { type?: string }): Promise<WireEvent[]>
  listDeliveries(input?: { eventId?: string; eventType?: string }): Promise<Delivery[]>
  getObject(input: { id: string }): Promise<WireObject>

  // Time
  /** Everything that falls due on the way happens at its own time: expiries, renewals, retries, cancellations. */
  advanceClock(input: { seconds: number }): Promise<{ now: number }>

  // Waiting: each resolves at once when it has already happened, and fails after `timeoutMs`
  waitForEvent(input: EventQuery): Promise<WireEvent>
  /** A 2xx delivery of an event of this type (or this id). */
  waitForDelivery(input: Wait & { eventId?: string; eventType?: string; state?: Delivery['state'] }): Promise<Delivery>
  waitForSession(
    input: Wait & { sessionId: string; status?: WireSession['status']; paymentStatus?: WireSession['payment_status'] },
  ): Promise<WireSession>
  /** No delivery is under way, due or waiting for a retry. Held-back ones do not count. */
  waitForIdleWebhooks(input?: Wait): Promise<void>

  /** Forgets every object, event, fault and saved reply; keeps the webhook target. */
  reset(input?: Record<string, never>): Promise<void>
}

export type StripeOptions = {
  port?: number
  host?: string
  apiKey: string
  webhookUrl?: string
  webhookSecret?: string
  /** Address written into pay page links; default: the listening address. */
  publicUrl?: string
  /** Path of the traffic log (JSON lines); default: none. */
  trafficLog?: string
  /** Keeps what it knows from one run to the next; default: nothing is kept. */
  memoryFile?: string
  /** Milliseconds since the epoch; default `Date.now`. */
  clock?: () => number
  merchantName?: string
  /** When a `disputed` payment is disputed, and when a timed delayed one settles. Defaults 5 s. */
  disputeDelayMs?: number
  settleDelayMs?: number
}

export type StripeStandIn = { url: string; world: StripeControl; close(): Promise<void> }
