import type { TimelineEntry, WireObject } from '#sandbox/stripe/control-types.ts'
import { type Cast, type Narration, payLinksIn, rememberReferences } from './narration.ts'

/** Shorter texts in metadata are numbers and words, which are the same for many. */
const SHORTEST_REFERENCE = 16

/** Ids of the same payment or subscription. */
export function idsOf(object: WireObject | undefined): string[] {
  if (!object) return []
  const { id, payment_intent, charge, latest_charge, subscription } = object
  const ids = [id, payment_intent, charge, latest_charge, subscription, subscriptionOfInvoice(object)]
  return ids.flatMap(idOf)
}

/** All by which an object leads to the person behind it: other objects’ ids, the order, the pay link one came by. */
function referencesOf(object: WireObject): string[] {
  const { customer, setup_intent, client_reference_id, success_url, return_url } = object
  const named = Object.values(metadataOf(object)).filter((value) => String(value).length >= SHORTEST_REFERENCE)
  return [
    ...idsOf(object),
    ...[customer, setup_intent, client_reference_id, ...named].flatMap(idOf),
    ...payLinksIn([success_url, return_url]),
  ]
}

/** By a number that is somebody’s, or by what is known of the references. */
export function personBehind(narration: Narration, objects: readonly WireObject[], cast: Cast): number | null {
  for (const object of objects) {
    const numbers = [object.client_reference_id, ...Object.values(metadataOf(object))].map(Number)
    const known = referencesOf(object).map((reference) => narration.personOfReference[reference])
    const personId = [...numbers, ...known].find((id) => id !== undefined && cast.isPerson(id))
    if (personId !== undefined) return personId
  }
  return null
}

export function rememberPerson(narration: Narration, objects: readonly WireObject[], personId: number): Narration {
  return rememberReferences(narration, objects.flatMap(referencesOf), personId)
}

/** Remembers of all objects that lead to somebody where they do. */
export function learnPeople(narration: Narration, objects: readonly WireObject[], cast: Cast): Narration {
  return objects.reduce((known, object) => {
    const personId = personBehind(known, [object], cast)
    return personId === null ? known : rememberPerson(known, [object], personId)
  }, narration)
}

/** Everything of an entry in which somebody may be named. */
export function objectsOf(entry: TimelineEntry): WireObject[] {
  if (entry.kind === 'event') return [entry.event.data.object]
  if (entry.kind === 'delivery') return []
  const response = entry.response as (WireObject & { error?: { payment_intent?: unknown } }) | undefined
  const inPath = entry.path.split('/').flatMap((id) => (isId(id) ? { id } : []))
  return [response, response?.error?.payment_intent, entry.params, ...inPath].filter(isObject)
}

/** Unlike a word, such as payment_intents, an id is made of letters of both sizes and digits. */
export function isId(segment: string): boolean {
  return /^[a-z]+_\w*[A-Z\d]/.test(segment)
}

function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null
}

function metadataOf(object: WireObject): Record<string, unknown> {
  return (object.metadata ?? {}) as Record<string, unknown>
}

/** A reference is an id, or the object itself where it was asked for. */
function idOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return isObject(value) && typeof value.id === 'string' ? [value.id] : []
}

function subscriptionOfInvoice({ parent }: WireObject): unknown {
  const details = (parent as { subscription_details?: { subscription?: unknown } } | null | undefined)
    ?.subscription_details
  return details?.subscription
}
