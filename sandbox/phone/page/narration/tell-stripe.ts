import type { TimelineEntry, WireObject } from '#sandbox/stripe/control-types.ts'
import {
  addStep,
  addStory,
  type Cast,
  type Narration,
  payLinksIn,
  recentStoryOf,
  rememberObject,
  type Step,
  type Tone,
} from './narration.ts'
import { money, nameInSentence } from './words.ts'

type Request = Extract<TimelineEntry, { kind: 'request' }>
type EventEntry = Extract<TimelineEntry, { kind: 'event' }>
type DeliveryEntry = Extract<TimelineEntry, { kind: 'delivery' }>

/** Continues the narration with what the Stripe stand-in tells. */
export function tellStripe(narration: Narration, entry: TimelineEntry, cast: Cast): Narration {
  switch (entry.kind) {
    case 'request':
      return tellRequest(narration, entry, cast)
    case 'event':
      return tellEvent(narration, entry, cast)
    case 'delivery':
      return tellDelivery(narration, entry)
    default:
      return narration
  }
}

function tellRequest(narration: Narration, entry: Request, cast: Cast): Narration {
  const line = lineOfRequest(entry)
  if (!line) return narration
  const object = entry.response as WireObject | undefined
  const personId = personOf(narration, object, cast)
  const known = idsOf(object).map((id) => narration.storyOfObject[id])
  const storyId = known.find(Boolean) ?? (personId === null ? null : recentStoryOf(narration, personId, entry.atMs))
  const step: Step = {
    id: `stripe-${entry.requestId}`,
    ...line,
    durationMs: Math.round(entry.durationMs),
    wire: {
      title: `${entry.method} ${entry.path}`,
      at: entry.atMs,
      durationMs: Math.round(entry.durationMs),
      sent: entry.params,
      received: entry.response,
    },
  }
  const who = personId === null ? 'Somebody' : nameInSentence(cast.nameOf(personId))
  const added = addStep(narration, storyId ?? null, step, { title: `${who} goes to pay`, personId })
  const story = added.stories.find(({ steps }) => steps.some(({ id }) => id === step.id))
  return story && entry.status < 400 ? rememberObject(added, idsOf(object), story.id) : added
}

function lineOfRequest(entry: Request): { text: string; tone: Tone } | null {
  const object = entry.response as WireObject | undefined
  if (entry.status >= 400)
    return { text: `Stripe refused ${entry.method} ${entry.path} (${entry.status})`, tone: 'bad' }
  if (entry.method === 'GET') return null
  if (entry.path === '/v1/checkout/sessions')
    return { text: `Pay page made for ${money(object?.amount_total, object?.currency)}`, tone: 'plain' }
  if (entry.path === '/v1/payment_intents') return { text: 'Charge prepared', tone: 'plain' }
  if (entry.path === '/v1/refunds')
    return { text: `Refund of ${money(object?.amount, object?.currency)}`, tone: 'plain' }
  return { text: `Stripe: ${entry.path.replace('/v1/', '').replaceAll('_', ' ')}`, tone: 'plain' }
}

/** The events that a person would call a happening; the rest stays a detail of the deliveries. */
function titleOfEvent(type: string, object: WireObject, who: string): { title: string; tone: Tone } | null {
  switch (type) {
    case 'checkout.session.completed':
      if (object.payment_status === 'unpaid') return { title: `${who} paid by a slow method`, tone: 'plain' }
      return { title: `${who} paid ${money(object.amount_total, object.currency)}`, tone: 'good' }
    case 'checkout.session.async_payment_succeeded':
      return { title: `The slow payment of ${who} arrived`, tone: 'good' }
    case 'checkout.session.async_payment_failed':
      return { title: `The slow payment of ${who} failed`, tone: 'bad' }
    case 'checkout.session.expired':
      return { title: `The pay page of ${who} expired`, tone: 'plain' }
    case 'invoice.paid':
      if (object.billing_reason === 'subscription_create') return null
      return { title: `The subscription of ${who} renewed for ${moneyOfInvoice(object)}`, tone: 'good' }
    case 'invoice.payment_failed':
      return { title: `The subscription of ${who} could not be charged ${moneyOfInvoice(object)}`, tone: 'bad' }
    case 'customer.subscription.deleted':
      return { title: `The subscription of ${who} ended`, tone: 'warning' }
    case 'payment_intent.payment_failed':
      return { title: `The card of ${who} was declined`, tone: 'bad' }
    case 'charge.dispute.created':
      return { title: `${who} disputes a payment of ${money(object.amount, object.currency)}`, tone: 'warning' }
    case 'charge.dispute.closed':
      return object.status === 'lost'
        ? { title: `The bank gave ${who} ${money(object.amount, object.currency)} back`, tone: 'bad' }
        : { title: `The dispute of ${who} is over, the money stays`, tone: 'good' }
    case 'charge.refunded':
      return { title: `${who} got ${money(object.amount_refunded, object.currency)} back`, tone: 'plain' }
    default:
      return null
  }
}

const moneyOfInvoice = (invoice: WireObject) => money(invoice.amount_due, invoice.currency)

function tellEvent(narration: Narration, { event, atMs }: EventEntry, cast: Cast): Narration {
  const object = event.data.object
  const ids = idsOf(object)
  const before = ids.map((id) => narration.storyOfObject[id]).find(Boolean)
  const personId =
    personOf(narration, object, cast) ?? narration.stories.find((story) => story.id === before)?.personId ?? null
  const who = personId === null ? 'The buyer' : nameInSentence(cast.nameOf(personId))
  const told = titleOfEvent(event.type, object, who)
  const wire = { title: event.type, at: atMs, durationMs: null, sent: event, received: null }
  if (!told) return before ? rememberObject(narration, [event.id, ...ids], before) : narration
  const id = `stripe-${event.id}`
  return rememberObject(addStory(narration, { id, at: atMs, ...told, personId, wire }), [event.id, ...ids], id)
}

function tellDelivery(narration: Narration, { delivery, atMs }: DeliveryEntry): Narration {
  const storyId = narration.storyOfObject[delivery.eventId] ?? null
  if (storyId === null) return narration
  const again = delivery.copy > 1 || delivery.attempt > 1 ? ' again' : ''
  const line: Record<typeof delivery.state, { text: string; tone: Tone }> = {
    delivered: { text: `Stripe told Paydesk${again}: ${delivery.eventType}`, tone: again ? 'warning' : 'plain' },
    failed: {
      text: `Stripe could not tell Paydesk (${delivery.status ?? delivery.error ?? 'no answer'})`,
      tone: 'bad',
    },
    dropped: { text: `The news of ${delivery.eventType} got lost`, tone: 'warning' },
  }
  const step: Step = {
    id: `delivery-${delivery.eventId}-${delivery.copy}-${delivery.attempt}-${delivery.url}`,
    ...line[delivery.state],
    durationMs: Math.round(delivery.durationMs),
    wire: {
      title: `Webhook ${delivery.eventType}`,
      at: delivery.startedAtMs || atMs,
      durationMs: Math.round(delivery.durationMs),
      sent: { url: delivery.url, event: delivery.eventId, attempt: delivery.attempt, copy: delivery.copy },
      received: { status: delivery.status, error: delivery.error },
    },
  }
  return addStep(narration, storyId, step, { title: 'Stripe', personId: null })
}

/** Whose it is: by a reference or metadata that names the user, or by the pay link one comes back to. */
function personOf(narration: Narration, object: WireObject | undefined, cast: Cast): number | null {
  if (!object || typeof object !== 'object') return null
  const metadata = (object.metadata ?? {}) as Record<string, unknown>
  const candidates = [object.client_reference_id, ...Object.values(metadata)].map(Number)
  const linked = payLinksIn(object.success_url).map((token) => narration.personOfPayLink[token])
  return [...candidates, ...linked].find((id) => id !== undefined && cast.isPerson(id)) ?? null
}

function idsOf(object: WireObject | undefined): string[] {
  if (!object || typeof object !== 'object') return []
  const ids = [
    object.id,
    object.payment_intent,
    object.charge,
    object.latest_charge,
    object.subscription,
    subscriptionOfInvoice(object),
  ]
  return ids.filter((id): id is string => typeof id === 'string')
}

function subscriptionOfInvoice({ parent }: WireObject): unknown {
  const details = (parent as { subscription_details?: { subscription?: unknown } } | null | undefined)
    ?.subscription_details
  return details?.subscription
}
