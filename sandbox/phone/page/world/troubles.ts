import type { ApiFault, WebhookFaults } from '#sandbox/stripe/control-types.ts'
import type { FaultSpec, FaultView } from '#sandbox/telegram/control-types.ts'
import { stripe, telegram } from './control.ts'
import { setState } from './store.ts'
import { readStored } from './stored.ts'

/** Each switch makes the outside world misbehave in one way until it is switched off again. */
export const telegramTroubles: { label: string; hint: string; spec: FaultSpec }[] = [
  { label: 'Telegram is slow', hint: 'every call takes 2 s', spec: { kind: 'slow', delayMs: 2000, times: 0 } },
  {
    label: 'Telegram says “too many requests”',
    hint: '429 for 20 s, wait 3 s each time',
    spec: { kind: '429', retryAfterSeconds: 3, forMs: 20_000 },
  },
  { label: 'Telegram is down', hint: '500 for 30 s', spec: { kind: '500', forMs: 30_000 } },
  {
    label: 'Answers get lost',
    hint: 'every third call is carried out but not answered',
    spec: { kind: 'drop-after-accept', probability: 0.33, times: 0 },
  },
  {
    label: 'Messages cannot be copied',
    hint: 'copying fails with 400',
    spec: { kind: '400', method: ['copyMessage', 'copyMessages'], times: 0 },
  },
]

export const webhookTroubles: { label: string; hint: string; faults: WebhookFaults }[] = [
  { label: 'Payment news come late', hint: 'each webhook waits 8 s', faults: { delayMs: 8000 } },
  { label: 'Payment news come three times', hint: 'each webhook is sent thrice', faults: { copies: 3 } },
  { label: 'Payment news come in any order', hint: 'shuffled within 3 s', faults: { shuffleWithinMs: 3000 } },
]

const stripeDown: ApiFault = { kind: 'server_error', status: 503, times: 1_000_000 }

export interface StripeTrouble {
  webhooks: Record<string, boolean>
  isDown: boolean
}

const KEY = 'paydesk-sandbox-trouble'
const noTrouble: StripeTrouble = { webhooks: {}, isDown: false }

/** Makes Stripe misbehave in just these ways; remembered for as long as the browser’s tab lives. */
export async function applyToStripe(trouble: StripeTrouble): Promise<void> {
  const on = webhookTroubles.filter(({ label }) => trouble.webhooks[label])
  await stripe('setWebhookFaults', Object.assign({}, ...on.map(({ faults }) => faults)) as WebhookFaults)
  await stripe('clearApiFaults')
  if (trouble.isDown) await stripe('addApiFault', stripeDown)
  sessionStorage.setItem(KEY, JSON.stringify(trouble))
}

export function storedTrouble(): StripeTrouble {
  return readStored(sessionStorage, KEY, noTrouble)
}

/** What goes wrong at Telegram now; the number of all troubles is kept on the page. */
export async function lookForTroubles(): Promise<FaultView[]> {
  const faults = await telegram('listFaults')
  const { webhooks, isDown } = storedTrouble()
  const ofStripe = Object.values(webhooks).filter(Boolean).length + (isDown ? 1 : 0)
  setState({ troubles: faults.length + ofStripe })
  return faults
}
