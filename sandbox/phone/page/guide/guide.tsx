import { Check, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { askForDashboard } from '../world/actions.ts'
import { guideProgress, rememberDone } from '../world/guide-progress.ts'
import { usePage } from '../world/store.ts'

const KEY = 'paydesk-sandbox-guide'

/** Three things to do, ticked by what really happened. */
export function Guide() {
  const [closed, setClosed] = useState(() => localStorage.getItem(KEY) === 'closed')
  const started = usePage((state) => guideProgress(state).started)
  const bought = usePage((state) => guideProgress(state).bought)
  const wrote = usePage((state) => guideProgress(state).wrote)
  const answered = usePage((state) => guideProgress(state).answered)
  useEffect(() => rememberDone({ started, bought, wrote, answered }), [started, bought, wrote, answered])
  if (closed) return null
  const steps = [
    { done: started, text: 'Press Start as Ann', hint: 'on the phone' },
    { done: bought, text: 'Buy credits', hint: 'pay with a test card' },
    {
      done: wrote && answered,
      text: wrote && !answered ? 'Answer as the team' : 'Write, then answer as the team',
      hint: wrote && !answered ? 'in Ann’s topic' : 'from the phone to her topic and back',
    },
  ]
  const current = steps.findIndex(({ done }) => !done)
  return (
    <section className={current === -1 ? 'guide is-complete' : 'guide'} aria-label="First steps">
      <ol>
        {steps.map((step, index) => (
          <li key={index} aria-current={index === current ? 'step' : undefined} className={step.done ? 'is-done' : ''}>
            <span className="tick">{step.done ? <Check role="img" aria-label="Done:" size={14} /> : index + 1}</span>
            <span>
              <b>{step.text}</b> <small>{step.hint}</small>
            </span>
          </li>
        ))}
      </ol>
      {current === -1 && (
        <p className="guide-end">
          That is Paydesk. Now{' '}
          <button type="button" className="link" onClick={askForDashboard}>
            look at it from the dashboard
          </button>
          .
        </p>
      )}
      <button
        type="button"
        className="icon-button"
        aria-label="Close the guide"
        onClick={() => {
          localStorage.setItem(KEY, 'closed')
          setClosed(true)
        }}
      >
        <X aria-hidden size={16} />
      </button>
    </section>
  )
}
