import { useCallback, useEffect, useState } from 'react'
import { money } from '../narration/words.ts'
import { Sheet } from '../ui/sheet.tsx'
import { attempt } from '../world/attempt.ts'
import { stripe } from '../world/control.ts'
import { narrateDeed } from '../world/narrate.ts'
import { type Desk, type DeskPayment, lookAtDesk, moveStripeClock } from '../world/stripe-desk.ts'

/** What the owner of the Stripe account and the buyers' banks can do, and Stripe's time. */
export function StripeDesk({ onClose }: { onClose: () => void }) {
  const [desk, setDesk] = useState<Desk | null>(null)
  const look = useCallback(() => attempt('phone', async () => setDesk(await lookAtDesk())), [])
  useEffect(() => {
    void look()
    const timer = setInterval(() => void look(), 2000)
    return () => clearInterval(timer)
  }, [look])
  const act: Act = (deed) =>
    void attempt('phone', async () => {
      await deed()
      await look()
    })
  const move = async (step: 'day' | 'month', now: number) => {
    narrateDeed(`A ${step} passed at Stripe`, null)
    await moveStripeClock(step, now)
  }
  return (
    <Sheet title="Stripe" onClose={onClose}>
      {desk && (
        <>
          <section className="desk">
            <h3>Time</h3>
            <p>
              At Stripe it is <b>{dateOf(desk.now)}</b>.{' '}
              {desk.isSelling
                ? 'As it moves on, subscriptions renew, fail and end.'
                : 'Moving it on matters to subscriptions.'}
            </p>
            <div className="desk-actions">
              {(['day', 'month'] as const).map((step) => (
                <button key={step} type="button" className="button" onClick={() => act(() => move(step, desk.now))}>
                  A {step} later
                </button>
              ))}
            </div>
          </section>
          <section className="desk">
            <h3>Payments</h3>
            {desk.payments.length === 0 && <p>Nobody has paid yet.</p>}
            <ul>
              {desk.payments.map((payment) => (
                <Payment key={payment.chargeId} payment={payment} onAct={act} />
              ))}
            </ul>
          </section>
        </>
      )}
    </Sheet>
  )
}

type Act = (deed: () => Promise<unknown>) => void

function Payment({ payment, onAct }: { payment: DeskPayment; onAct: Act }) {
  const { chargeId, amountMinor, refundedMinor, currency, dispute, buyer, product } = payment
  const amount = money(amountMinor, currency)
  const about = buyer === null ? amount : `${amount} of ${buyer}`
  const isRefundable = refundedMinor < amountMinor && !dispute
  const close = (disputeId: string, outcome: 'won' | 'lost') =>
    onAct(() => stripe('closeDispute', { disputeId, outcome }))
  return (
    <li>
      <span className="desk-payment">
        <span>
          <b>{amount}</b> {buyer !== null && <bdi>{buyer}</bdi>}
        </span>
        <small>
          <bdi>{product}</bdi> · {stateOf(payment)}
        </small>
      </span>
      <span className="desk-actions">
        {isRefundable && (
          <>
            <Button label="Refund" about={about} onPress={() => onAct(() => stripe('refundPayment', { chargeId }))} />
            <Button label="Dispute" about={about} onPress={() => onAct(() => stripe('createDispute', { chargeId }))} />
          </>
        )}
        {dispute?.isOpen && (
          <>
            <Button label="Win" about={`the dispute over ${about}`} onPress={() => close(dispute.id, 'won')} />
            <Button label="Lose" about={`the dispute over ${about}`} onPress={() => close(dispute.id, 'lost')} />
          </>
        )}
      </span>
    </li>
  )
}

function Button({ label, about, onPress }: { label: string; about: string; onPress: () => void }) {
  return (
    <button type="button" className="button is-small" aria-label={`${label} ${about}`} onClick={onPress}>
      {label}
    </button>
  )
}

function stateOf({ at, refundedMinor, currency, dispute }: DeskPayment): string {
  const refunded = refundedMinor > 0 ? ` · ${money(refundedMinor, currency)} refunded` : ''
  const disputed = dispute ? ` · ${dispute.isOpen ? 'disputed' : `dispute ${dispute.status.replaceAll('_', ' ')}`}` : ''
  return `${dateOf(at)}${refunded}${disputed}`
}

const dateOf = (seconds: number) =>
  new Date(seconds * 1000).toLocaleDateString('en', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
