import { Circle, CircleCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Setup } from '#core/analytics/read-setup.ts'
import { Card } from '#web/components/card.tsx'

interface Step {
  done: boolean
  title: string
  how: ReactNode
}

/** The first steps; gone once all are done. */
export function Checklist({ setup, chatUrl }: { setup: Setup; chatUrl: string | null }) {
  const steps = stepsOf(setup, chatUrl)
  const done = steps.filter((step) => step.done).length
  if (done === steps.length) return null
  const next = steps.find((step) => !step.done)
  return (
    <Card
      title="Set up"
      aside={
        <span className="text-xs text-muted tabular-nums">
          {done} of {steps.length} done
        </span>
      }
    >
      <ol className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        {steps.map((step) => (
          <li key={step.title} className="flex min-w-0 gap-2.5">
            {step.done ? (
              <CircleCheck aria-label="Done:" className="mt-0.5 size-4 shrink-0 text-good" />
            ) : (
              <Circle
                aria-label="To do:"
                className={`mt-0.5 size-4 shrink-0 ${step === next ? 'text-accent' : 'text-muted'}`}
              />
            )}
            <div className="min-w-0">
              <p className={step.done ? 'text-muted line-through' : 'font-medium'}>{step.title}</p>
              {!step.done && <p className="mt-0.5 text-muted">{step.how}</p>}
            </div>
          </li>
        ))}
      </ol>
    </Card>
  )
}

function stepsOf({ groupConnected, product, message, sale }: Setup, chatUrl: string | null): Step[] {
  const bot =
    chatUrl === null ? (
      'the bot'
    ) : (
      <a href={chatUrl} className="text-accent underline underline-offset-2" rel="noreferrer">
        the bot
      </a>
    )
  return [
    {
      done: groupConnected,
      title: 'Connect the group',
      how: 'Make a group with topics, add the bot as an admin that may manage topics, and set ADMIN_GROUP_ID.',
    },
    { done: product, title: 'Offer a product', how: 'At least one active product gives people something to buy.' },
    {
      done: message,
      title: 'Receive a message',
      how: <>Write to {bot} as a user would; it arrives in its own topic.</>,
    },
    {
      done: sale,
      title: 'Make a sale',
      how: <>Send /buy to {bot} and pay. With a test key of Stripe its test cards cost nothing.</>,
    },
  ]
}
