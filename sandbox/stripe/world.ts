import type { Delivery, EventQuery, ObjectQuery, StripeControl, WebhookTarget, WireEvent } from './control-types.ts'
import { expandReply } from './expansion.ts'
import { randomToken } from './ids.ts'
import { attachCard, createCard } from './money/cards.ts'
import { answerChallenge, paySession, settlePayment } from './money/checkout.ts'
import { expireSession, intentIdOf } from './money/checkout-session.ts'
import { decideDispute, openDispute } from './money/disputing.ts'
import { failRefund, refundCharge } from './money/refunding.ts'
import type { Charge } from './objects/charge.ts'
import type { CheckoutSession } from './objects/checkout-session.ts'
import { buildCustomer } from './objects/customer.ts'
import type { PaymentIntent } from './objects/payment-intent.ts'
import { buildWebhookEndpoint } from './objects/webhook-endpoint.ts'
import type { StripeState } from './state.ts'

/**
 * The verbs of the outside world, over this memory.
 * They answer copies, so that what a test holds does not change under its hands.
 */
export function createWorld(state: StripeState): StripeControl {
  return {
    ...buyerVerbs(state),
    ...dashboardVerbs(state),
    ...webhookVerbs(state),
    ...lookingVerbs(state),
    ...waitingVerbs(state),
  }
}

function buyerVerbs(state: StripeState) {
  return {
    paySession: async (input) => paySession(state, input),
    answerChallenge: async ({ sessionId, answer }) => answerChallenge(state, sessionId, answer),
    expireSession: async ({ sessionId }) => {
      const session = state.sessions.get(sessionId)
      if (session.status !== 'open') throw new Error(`the session is ${session.status} already`)
      expireSession(state, session)
      return structuredClone(session)
    },
    settlePayment: async ({ succeeds, ...query }) => {
      const intent = intentOf(state, query)
      settlePayment(state, intent, succeeds)
      return structuredClone(intent)
    },
  } satisfies Partial<StripeControl>
}

function dashboardVerbs(state: StripeState) {
  return {
    createDispute: async ({ reason, amountMinor, inquiry, ...query }) =>
      structuredClone(openDispute(state, chargeOf(state, query), { reason, amountMinor, inquiry })),
    closeDispute: async ({ disputeId, outcome }) =>
      structuredClone(decideDispute(state, state.disputes.get(disputeId), outcome)),
    refundPayment: async ({ amountMinor, reason, ...query }) =>
      structuredClone(refundCharge(state, chargeOf(state, query), { amount: amountMinor, reason })),
    failRefund: async ({ refundId, reason }) =>
      structuredClone(failRefund(state, state.refunds.get(refundId), reason ?? 'lost_or_stolen_card')),
    createSavedCard: async ({ customerId, email = 'buyer@example.com', behaviour = 'succeeds' }) => {
      const customer =
        customerId === undefined ? buildCustomer(state.now(), { email }) : state.customers.get(customerId)
      if (customerId === undefined) {
        state.customers.add(customer)
        state.emit('customer.created', customer)
      }
      const card = createCard(state, behaviour, { email })
      attachCard(state, card, customer.id)
      customer.invoice_settings.default_payment_method = card.id
      return { customerId: customer.id, paymentMethodId: card.id }
    },
    setSavedCardBehaviour: async ({ paymentMethodId, customerId, behaviour }) => {
      const methods = state.paymentMethods
        .all()
        .filter((method) => (paymentMethodId ? method.id === paymentMethodId : method.customer === (customerId ?? '')))
      if (methods.length === 0) throw new Error('no such saved card')
      for (const method of methods) state.cardBehaviours.set(method.id, behaviour)
      return { paymentMethodIds: methods.map((method) => method.id) }
    },
    setDunning: async (change) => {
      state.dunning = { ...state.dunning, ...change }
      return structuredClone(state.dunning)
    },
  } satisfies Partial<StripeControl>
}

function webhookVerbs(state: StripeState) {
  const { webhooks } = state
  return {
    setWebhook: async (target) => setWebhookTarget(state, target),
    removeWebhooks: async () => state.webhookEndpoints.clear(),
    pauseWebhooks: async () => webhooks.pause(),
    resumeWebhooks: async (input) => ({ released: webhooks.resume(input?.order ?? 'emitted') }),
    setWebhookFaults: async (faults) => webhooks.setFaults(faults),
    setWebhookRetries: async (change) => webhooks.setRetries(change),
    redeliver: async ({ eventId, times }) =>
      structuredClone(await webhooks.redeliver(state.events.get(eventId), times ?? 1)),
    addApiFault: async (fault) => ({ faultId: state.apiFaults.add(fault) }),
    clearApiFaults: async () => state.apiFaults.clear(),
    advanceClock: async ({ seconds }) => {
      if (seconds < 0) throw new Error('time only goes forward')
      state.clock.advance(seconds)
      return { now: state.now() }
    },
    reset: async () => state.reset(),
  } satisfies Partial<StripeControl>
}

function lookingVerbs(state: StripeState) {
  return {
    listSessions: async (input) =>
      withLineItems(
        state,
        state.sessions.all().filter((session) => !input?.status || session.status === input.status),
      ),
    listPaymentIntents: async (input) =>
      structuredClone(
        state.paymentIntents
          .all()
          .filter((intent) => !input?.customerId || intent.customer === input.customerId)
          .filter((intent) => !input?.status || intent.status === input.status),
      ),
    listCharges: async (input) =>
      structuredClone(
        state.charges.all().filter((charge) => !input?.customerId || charge.customer === input.customerId),
      ),
    listSubscriptions: async (input) =>
      structuredClone(
        state.subscriptions
          .all()
          .filter((subscription) => !input?.customerId || subscription.customer === input.customerId)
          .filter((subscription) => !input?.status || subscription.status === input.status),
      ),
    listInvoices: async (input) =>
      structuredClone(
        state.invoices
          .all()
          .filter((invoice) => !input?.customerId || invoice.customer === input.customerId)
          .filter((invoice) => !input?.status || invoice.status === input.status)
          .filter(
            ({ parent }) => !input?.subscriptionId || parent.subscription_details.subscription === input.subscriptionId,
          ),
      ),
    listDisputes: async () => structuredClone(state.disputes.all()),
    listEvents: async (input) =>
      structuredClone(state.events.all().filter((event) => !input?.type || event.type === input.type)),
    listDeliveries: async (input) =>
      structuredClone(
        state.webhooks.deliveries
          .filter((delivery) => !input?.eventId || delivery.eventId === input.eventId)
          .filter((delivery) => !input?.eventType || delivery.eventType === input.eventType),
      ),
    getObject: async ({ id }) => {
      const object = state.lookUp(id)
      if (!object) throw new Error(`there is no ${id}`)
      return structuredClone(object)
    },
  } satisfies Partial<StripeControl>
}

/** What is bought there is a list of its own, which the API only sends along when asked to. */
function withLineItems(state: StripeState, sessions: CheckoutSession[]): CheckoutSession[] {
  return expandReply(state, sessions, ['line_items']) as CheckoutSession[]
}

function waitingVerbs(state: StripeState) {
  const { timeline, webhooks } = state
  return {
    waitForEvent: async (query) =>
      structuredClone(
        await timeline.waitUntil(() => findEvent(state, query), {
          timeoutMs: query.timeoutMs,
          look: (entry) =>
            entry !== 'poke' && entry.kind === 'event' && isAskedFor(entry.event, query) ? entry.event : undefined,
          what: `event ${query.type}${query.about ? ` about ${query.about}` : ''}`,
        }),
      ),
    waitForDelivery: async ({ timeoutMs, eventId, eventType, state: wanted = 'delivered' }) => {
      const matches = (delivery: Delivery) =>
        delivery.state === wanted &&
        (eventId === undefined || delivery.eventId === eventId) &&
        (eventType === undefined || delivery.eventType === eventType)
      const delivery = await timeline.waitUntil(() => webhooks.deliveries.find(matches), {
        timeoutMs,
        look: (entry) =>
          entry !== 'poke' && entry.kind === 'delivery' && matches(entry.delivery) ? entry.delivery : undefined,
        what: `${wanted} delivery of ${eventId ?? eventType ?? 'any event'}`,
      })
      return structuredClone(delivery)
    },
    waitForSession: async ({ timeoutMs, sessionId, status, paymentStatus }) =>
      structuredClone(
        await timeline.waitUntil(
          () => {
            const session = state.sessions.get(sessionId)
            const isThere = (status ?? session.status) === session.status
            return isThere && (paymentStatus ?? session.payment_status) === session.payment_status ? session : undefined
          },
          { timeoutMs, what: `session ${sessionId} ${status ?? ''} ${paymentStatus ?? ''}` },
        ),
      ),
    waitForIdleWebhooks: async (input) => {
      await timeline.waitUntil(() => (webhooks.isIdle() ? true : undefined), {
        timeoutMs: input?.timeoutMs,
        what: 'all webhooks delivered',
      })
    },
  } satisfies Partial<StripeControl>
}

/** The one endpoint that the dashboard's settings would hold; setting it again replaces it. */
export function setWebhookTarget(state: StripeState, target: WebhookTarget): void {
  state.webhookEndpoints.clear()
  const endpoint = state.webhookEndpoints.add(
    buildWebhookEndpoint(state.now(), {
      url: target.url,
      api_version: target.apiVersion ?? null,
      enabled_events: target.enabledEvents ?? ['*'],
    }),
  )
  state.webhooks.secrets.set(endpoint.id, target.secret || `whsec_${randomToken(32)}`)
}

function intentOf(state: StripeState, query: ObjectQuery): PaymentIntent {
  if (query.paymentIntentId !== undefined) return state.paymentIntents.get(query.paymentIntentId)
  if (query.sessionId !== undefined)
    return state.paymentIntents.get(intentIdOf(state, state.sessions.get(query.sessionId)) ?? 'none yet')
  if (query.chargeId !== undefined)
    return state.paymentIntents.get(state.charges.get(query.chargeId).payment_intent ?? 'none')
  throw new Error('name a sessionId, a paymentIntentId or a chargeId')
}

function chargeOf(state: StripeState, query: ObjectQuery): Charge {
  if (query.chargeId !== undefined) return state.charges.get(query.chargeId)
  return state.charges.get(intentOf(state, query).latest_charge ?? 'none yet')
}

const ABOUT_FIELDS = [
  'id',
  'payment_intent',
  'setup_intent',
  'subscription',
  'customer',
  'charge',
  'client_reference_id',
]

function findEvent(state: StripeState, query: EventQuery): WireEvent | undefined {
  const events = state.events.all()
  const from = query.afterEventId === undefined ? 0 : events.findIndex((event) => event.id === query.afterEventId) + 1
  return events.slice(from).find((event) => isAskedFor(event, query))
}

function isAskedFor(event: WireEvent, { type, about }: EventQuery): boolean {
  const isAbout = about === undefined || ABOUT_FIELDS.some((field) => event.data.object[field] === about)
  return event.type === type && isAbout
}
