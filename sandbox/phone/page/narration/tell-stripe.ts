import type { TimelineEntry, WireObject } from '#sandbox/stripe/control-types.ts'
import {
  addStep,
  addStory,
  type Cast,
  type Narration,
  recentStoryAbout,
  recentStoryOf,
  rememberObject,
  type Step,
  type Tone,
} from './narration.ts'
import { idsOf, learnPeople, objectsOf, personBehind, rememberPerson } from './stripe-people.ts'
import { lineOfRequest, type Request, titleOfRequest } from './stripe-requests.ts'
import { money, nameInSentence } from './words.ts'

type EventEntry = Extract<TimelineEntry, { kind: 'event' }>
type DeliveryEntry = Extract<TimelineEntry, { kind: 'delivery' }>

/** Continues the narration with what the Stripe stand-in tells. */
export function tellStripe(
  narration: Narration,
  entry: TimelineEntry,
  cast: Cast,
  sessions: readonly WireObject[] = [],
): Narration {
  const known = learnPeople(narration, sessions, cast)
  switch (entry.kind) {
    case 'request':
      return tellRequest(known, entry, cast)
    case 'event':
      return tellEvent(known, entry, cast)
    case 'delivery':
      return tellDelivery(known, entry)
    default:
      return known
  }
}

function tellRequest(narration: Narration, entry: Request, cast: Cast): Narration {
  const objects = objectsOf(entry)
  const personId = personBehind(narration, objects, cast)
  const known = personId === null ? narration : rememberPerson(narration, objects, personId)
  const line = lineOfRequest(entry)
  if (!line) return known
  const ids = objects.flatMap(idsOf)
  const storyId =
    recentStoryAbout(known, ids, entry.atMs) ?? (personId === null ? null : recentStoryOf(known, personId, entry.atMs))
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
  const added = addStep(known, storyId, step, { title: titleOfRequest(entry, whoIs(personId, cast)), personId })
  const story = added.stories.find(({ steps }) => steps.some(({ id }) => id === step.id))
  return story ? rememberObject(added, ids, story.id) : added
}

function whoIs(personId: number | null, cast: Cast): string | null {
  return personId === null ? null : nameInSentence(cast.nameOf(personId))
}

/** The events that a person would call a happening; the rest stays a detail of the deliveries. */
function titleOfEvent(type: string, object: WireObject, who: string | null): { title: string; tone: Tone } | null {
  const somebody = who ?? 'Somebody'
  const whose = who === null ? '' : ` of ${who}`
  switch (type) {
    case 'checkout.session.completed':
      if (object.mode === 'setup') return { title: `${somebody} saved a card`, tone: 'good' }
      if (object.payment_status === 'unpaid') return { title: `${somebody} paid by a slow method`, tone: 'plain' }
      return { title: `${somebody} paid ${money(object.amount_total, object.currency)}`, tone: 'good' }
    case 'checkout.session.async_payment_succeeded':
      return { title: `The slow payment${whose} arrived`, tone: 'good' }
    case 'checkout.session.async_payment_failed':
      return { title: `The slow payment${whose} failed`, tone: 'bad' }
    case 'checkout.session.expired':
      return { title: `The pay page${whose} expired`, tone: 'plain' }
    case 'invoice.paid':
      if (object.billing_reason === 'subscription_create') return null
      return { title: `The subscription${whose} renewed for ${moneyOfInvoice(object)}`, tone: 'good' }
    case 'invoice.payment_failed':
      return { title: `The subscription${whose} could not be charged ${moneyOfInvoice(object)}`, tone: 'bad' }
    case 'customer.subscription.deleted':
      return { title: `The subscription${whose} ended`, tone: 'warning' }
    case 'payment_intent.payment_failed':
      return { title: `The card${whose} was declined`, tone: 'bad' }
    case 'charge.dispute.created':
      return { title: `${somebody} disputes a payment of ${money(object.amount, object.currency)}`, tone: 'warning' }
    case 'charge.dispute.closed':
      return object.status === 'lost'
        ? { title: `The bank gave ${who ?? 'the buyer'} ${money(object.amount, object.currency)} back`, tone: 'bad' }
        : { title: `The dispute${whose} is over, the money stays`, tone: 'good' }
    case 'charge.refunded':
      return { title: `${somebody} got ${money(object.amount_refunded, object.currency)} back`, tone: 'plain' }
    default:
      return null
  }
}

const moneyOfInvoice = (invoice: WireObject) => money(invoice.amount_due, invoice.currency)

function tellEvent(narration: Narration, { event, atMs }: EventEntry, cast: Cast): Narration {
  const { object } = event.data
  const ids = idsOf(object)
  const before = ids.map((id) => narration.storyOfObject[id]).find(Boolean)
  const personId =
    personBehind(narration, [object], cast) ?? narration.stories.find((story) => story.id === before)?.personId ?? null
  const known = personId === null ? narration : rememberPerson(narration, [object], personId)
  const told = titleOfEvent(event.type, object, whoIs(personId, cast))
  const wire = { title: event.type, at: atMs, durationMs: null, sent: event, received: null }
  if (!told) return before ? rememberObject(known, [event.id, ...ids], before) : known
  const id = `stripe-${event.id}`
  return rememberObject(addStory(known, { id, at: atMs, ...told, personId, wire }), [event.id, ...ids], id)
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
