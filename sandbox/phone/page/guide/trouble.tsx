import { useCallback, useEffect, useState } from 'react'
import type { FaultView } from '#sandbox/telegram/control-types.ts'
import { Sheet } from '../ui/sheet.tsx'
import { attempt } from '../world/attempt.ts'
import { telegram } from '../world/control.ts'
import { narrateDeed } from '../world/narrate.ts'
import {
  applyToStripe,
  lookForTroubles,
  type StripeTrouble,
  storedTrouble,
  telegramTroubles,
  webhookTroubles,
} from '../world/troubles.ts'

export function Trouble({ onClose }: { onClose: () => void }) {
  const [faults, setFaults] = useState<FaultView[]>([])
  const [ofStripe, setOfStripe] = useState<StripeTrouble>(storedTrouble)
  const look = useCallback(() => attempt('phone', async () => setFaults(await lookForTroubles())), [])
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
      setOfStripe(next)
      await look()
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
