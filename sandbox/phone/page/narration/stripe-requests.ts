import type { TimelineEntry, WireObject } from '#sandbox/stripe/control-types.ts'
import type { Tone } from './narration.ts'
import { isId } from './stripe-people.ts'
import { money } from './words.ts'

export type Request = Extract<TimelineEntry, { kind: 'request' }>

interface Telling {
  /** What it is for, where nothing is told yet that it follows from. */
  title: (who: string | null) => string
  /** What was done. */
  line: (answer: WireObject) => string
  /** What was tried. */
  attempt: string
}

const amountOf = ({ amount, currency }: WireObject) => money(amount, currency)
const of = (what: string, who: string | null, otherwise: string) => (who === null ? otherwise : `${what} of ${who}`)

const payPage: Telling = {
  title: (who) => `${who ?? 'Somebody'} goes to pay`,
  line: ({ amount_total: amount, currency }) => `Pay page made for ${money(amount, currency)}`,
  attempt: 'to make a pay page',
}
const cardPage: Telling = {
  title: (who) => `${who ?? 'Somebody'} goes to save a card`,
  line: () => 'Page for saving a card made',
  attempt: 'to make a page for saving a card',
}
const chargeTitle = (who: string | null) => `${of('The saved card', who, 'A saved card')} is charged`

/** The first that fits; a star stands for an id. */
const tellings: [request: string, telling: Telling][] = [
  [
    'POST /v1/checkout/sessions/*/expire',
    {
      title: (who) => `${of('The pay page', who, 'A pay page')} is closed`,
      line: () => 'Pay page closed',
      attempt: 'to close a pay page',
    },
  ],
  [
    'POST /v1/payment_intents',
    {
      title: chargeTitle,
      line: (answer) => `Charge of ${amountOf(answer)} prepared`,
      attempt: 'to prepare a charge',
    },
  ],
  [
    'POST /v1/payment_intents/*/confirm',
    {
      title: chargeTitle,
      line: (answer) =>
        answer.status === 'succeeded' ? `Charge of ${amountOf(answer)} went through` : 'Charge confirmed',
      attempt: 'to charge the saved card',
    },
  ],
  [
    'POST /v1/payment_intents/*/cancel',
    {
      title: (who) => `${of('A charge', who, 'A charge')} is called off`,
      line: () => 'Charge called off',
      attempt: 'to call a charge off',
    },
  ],
  [
    'POST /v1/customers',
    {
      title: (who) => `${who ?? 'Somebody'} becomes a customer at Stripe`,
      line: () => 'Customer made',
      attempt: 'to make a customer',
    },
  ],
  [
    'DELETE /v1/customers/*',
    {
      title: (who) => `${who ?? 'Somebody'} is forgotten at Stripe`,
      line: () => 'Customer deleted, with every saved card',
      attempt: 'to delete a customer',
    },
  ],
  [
    'POST /v1/billing_portal/sessions',
    {
      title: (who) => `${who ?? 'Somebody'} looks at cards and invoices`,
      line: () => 'Billing page made',
      attempt: 'to make a billing page',
    },
  ],
  [
    'POST /v1/subscriptions/*',
    {
      title: (who) => `${of('The subscription', who, 'A subscription')} changes`,
      line: () => 'Subscription changed',
      attempt: 'to change a subscription',
    },
  ],
  [
    'POST /v1/refunds',
    {
      title: (who) => `${who ?? 'Somebody'} gets money back`,
      line: (answer) => `Refund of ${amountOf(answer)}`,
      attempt: 'to refund a payment',
    },
  ],
]

/** What a request to Stripe is called in the timeline; ids stay in the call behind the line. */
export function titleOfRequest(entry: Request, who: string | null): string {
  return tellingOf(entry).title(who)
}

/** Null for looking, which nobody wants to read; a refusal is always told. */
export function lineOfRequest(entry: Request): { text: string; tone: Tone } | null {
  const { attempt, line } = tellingOf(entry)
  if (entry.status >= 400) return { text: `Stripe refused ${attempt} (${entry.status})`, tone: 'bad' }
  if (entry.method === 'GET') return null
  return { text: line((entry.response ?? {}) as WireObject), tone: 'plain' }
}

function tellingOf(entry: Request): Telling {
  const segments = entry.path.split('/')
  const request = `${entry.method} ${segments.map((segment) => (isId(segment) ? '*' : segment)).join('/')}`
  if (request === 'POST /v1/checkout/sessions') return modeOf(entry) === 'setup' ? cardPage : payPage
  return tellings.find(([known]) => known === request)?.[1] ?? unknown(entry.method, segments)
}

function modeOf({ params, response }: Request): unknown {
  return (response as WireObject | undefined)?.mode ?? (params as { mode?: unknown } | undefined)?.mode
}

function unknown(method: string, segments: string[]): Telling {
  const words = segments.filter((segment) => segment !== '' && segment !== 'v1' && !isId(segment))
  const what = words.join(' ').replaceAll('_', ' ')
  return {
    title: () => `Stripe was asked for ${what}`,
    line: () => `Stripe was asked for ${what}`,
    attempt: method === 'GET' ? `to show ${what}` : `what was asked for ${what}`,
  }
}
