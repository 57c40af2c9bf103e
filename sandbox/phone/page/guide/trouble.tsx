import { useCallback, useEffect, useState } from 'react'
import type { ApiFault, WebhookFaults } from '#sandbox/stripe/control-types.ts'
import type { FaultSpec, FaultView } from '#sandbox/telegram/control-types.ts'
import { Sheet } from '../ui/sheet.tsx'
import { attempt } from '../world/attempt.ts'
import { stripe, telegram } from '../world/control.ts'
import { narrateDeed } from '../world/narrate.ts'

/** Each switch makes the outside world misbehave in one way until it is switched off again. */
const telegramTroubles: { label: string; hint: string; spec: FaultSpec }[] = [
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

const webhookTroubles: { label: string; hint: string; faults: WebhookFaults }[] = [
  { label: 'Payment news come late', hint: 'each webhook waits 8 s', faults: { delayMs: 8000 } },
  { label: 'Payment news come three times', hint: 'each webhook is sent thrice', faults: { copies: 3 } },
  { label: 'Payment news come in any order', hint: 'shuffled within 3 s', faults: { shuffleWithinMs: 3000 } },
]

const stripeDown: ApiFault = { kind: 'server_error', status: 503, times: 1_000_000 }

interface StripeTrouble {
  webhooks: Record<string, boolean>
  isDown: boolean
}

const KEY = 'paydesk-sandbox-trouble'
const noTrouble: StripeTrouble = { webhooks: {}, isDown: false }

export function Trouble({ onClose }: { onClose: () => void }) {
  const [faults, setFaults] = useState<FaultView[]>([])
  const [ofStripe, setOfStripe] = useState<StripeTrouble>(storedTrouble)
  const look = useCallback(() => attempt('phone', async () => setFaults(await telegram('listFaults'))), [])
  useEffect(() => {
    void look()
    const timer = setInterval(() => void look(), 2000)
    return () => clearInterval(timer)
  }, [look])
  const toggleTelegram = (trouble: (typeof telegramTroubles)[number]) =>
    attempt('phone', async () => {
      const active = faults.filter(({ description }) => description === trouble.label)
      if (active.length === 0) await telegram('addFault', { ...trouble.spec, description: trouble.label })
      for (const { id } of active) await telegram('removeFault', { id })
      narrateDeed(`${active.length ? 'Over' : 'Trouble'}: ${trouble.label}`, null)
      await look()
    })
  const changeStripe = (next: StripeTrouble, label: string, isOn: boolean) =>
    attempt('phone', async () => {
      await applyToStripe(next)
      sessionStorage.setItem(KEY, JSON.stringify(next))
      setOfStripe(next)
      narrateDeed(`${isOn ? 'Trouble' : 'Over'}: ${label}`, null)
    })
  return (
    <Sheet title="Make trouble" onClose={onClose}>
      <p>
        Things go wrong outside. Switch something on, use the phone, and watch in the timeline what Paydesk does about
        it.
      </p>
      <fieldset className="switches">
        <legend>Telegram</legend>
        {telegramTroubles.map((trouble) => (
          <Switch
            key={trouble.label}
            {...trouble}
            isOn={faults.some(({ description }) => description === trouble.label)}
            onToggle={() => void toggleTelegram(trouble)}
          />
        ))}
      </fieldset>
      <fieldset className="switches">
        <legend>Stripe</legend>
        {webhookTroubles.map((trouble) => {
          const isOn = ofStripe.webhooks[trouble.label] === true
          const webhooks = { ...ofStripe.webhooks, [trouble.label]: !isOn }
          return (
            <Switch
              key={trouble.label}
              {...trouble}
              isOn={isOn}
              onToggle={() => void changeStripe({ ...ofStripe, webhooks }, trouble.label, !isOn)}
            />
          )
        })}
        <Switch
          label="Stripe is down"
          hint="every call fails with 503"
          isOn={ofStripe.isDown}
          onToggle={() =>
            void changeStripe({ ...ofStripe, isDown: !ofStripe.isDown }, 'Stripe is down', !ofStripe.isDown)
          }
        />
      </fieldset>
      <p className="hint">
        A declined card or one that asks for a code is chosen on the pay page itself; a deleted topic in the topic’s
        menu.
      </p>
    </Sheet>
  )
}

async function applyToStripe(trouble: StripeTrouble): Promise<void> {
  const on = webhookTroubles.filter(({ label }) => trouble.webhooks[label])
  await stripe('setWebhookFaults', Object.assign({}, ...on.map(({ faults }) => faults)) as WebhookFaults)
  await stripe('clearApiFaults')
  if (trouble.isDown) await stripe('addApiFault', stripeDown)
}

function storedTrouble(): StripeTrouble {
  try {
    return { ...noTrouble, ...(JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<StripeTrouble>) }
  } catch {
    return noTrouble
  }
}

function Switch({ label, hint, isOn, onToggle }: { label: string; hint: string; isOn: boolean; onToggle: () => void }) {
  return (
    <label className="switch">
      <input type="checkbox" role="switch" checked={isOn} onChange={onToggle} />
      <span>
        <b>{label}</b>
        <small>{hint}</small>
      </span>
    </label>
  )
}
