import type { ReactNode } from 'react'
import type { Home } from '#core/analytics/home-reader.ts'
import type { QueueName } from '#core/analytics/read-queues.ts'
import { Badge, type Tone } from '#web/components/badge.tsx'
import { Card } from '#web/components/card.tsx'
import { Changing } from '#web/components/changing.tsx'
import { formatNumber, formatRough } from '#web/components/format-number.ts'
import { formatAge } from '#web/components/format-time.ts'
import { countTroubles } from '#web/components/home/count-troubles.ts'
import { partNames } from '#web/components/home/part-names.ts'

const queueNames: Record<QueueName, string> = {
  inbox: 'From Telegram',
  outbox: 'To Telegram',
  stripe: 'From Stripe',
}

/** A queue whose oldest row is older than this is late; people notice answers that take longer. */
const LATE_AFTER_MS = 10_000
const VERY_LATE_AFTER_MS = 60_000

/** What runs, how far behind it is, and how many people there are. */
export function RightNow({ home }: { home: Home }) {
  const { at, users, today, health, queues } = home
  const total = users.exact ? formatNumber(users.count) : `about ${formatRough(users.count)}`
  return (
    <Card title="Right now" aside={<Verdict isWell={health.well} troubles={countTroubles(home)} />} flush>
      <dl className="divide-y divide-line">
        <Fact
          name="Users"
          detail={today.newUsers.today > 0 ? `${formatNumber(today.newUsers.today)} new today` : 'none new today'}
        >
          <span className="font-medium tabular-nums">
            <Changing>{total}</Changing>
          </span>
        </Fact>
        {health.parts.map(({ part, well, detail }) => (
          <Fact key={part} name={partNames[part]} detail={detail}>
            <Badge tone={well ? 'good' : 'bad'}>{well ? 'Well' : 'Trouble'}</Badge>
          </Fact>
        ))}
        {(['inbox', 'outbox', 'stripe'] as const).map((name) => {
          const { open, since } = queues[name]
          const lag = lagOf(since, at)
          return (
            <Fact
              key={name}
              name={queueNames[name]}
              detail={open === 0 ? 'nothing queued' : `${formatNumber(open)} queued`}
            >
              <Badge tone={lag.tone}>{lag.words}</Badge>
            </Fact>
          )
        })}
      </dl>
    </Card>
  )
}

function Verdict({ isWell, troubles }: { isWell: boolean; troubles: number }) {
  if (!isWell) return <Badge tone="bad">Trouble</Badge>
  if (troubles > 0) return <Badge tone="warning">{troubles === 1 ? 'One thing needs you' : 'Things need you'}</Badge>
  return <Badge tone="good">Everything runs</Badge>
}

function Fact({ name, detail, children }: { name: string; detail: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-2.5">
      <dt>{name}</dt>
      <dd className="row-span-2">{children}</dd>
      <dd className="text-xs break-words text-muted">{detail}</dd>
    </div>
  )
}

function lagOf(since: Date | null, now: Date): { tone: Tone; words: string } {
  const lagMs = since === null ? 0 : now.getTime() - since.getTime()
  if (lagMs <= LATE_AFTER_MS) return { tone: 'good', words: 'On time' }
  const words = lagMs < 60_000 ? `${Math.round(lagMs / 1000)} s behind` : `${formatAge(lagMs)} behind`
  return { tone: lagMs > VERY_LATE_AFTER_MS ? 'bad' : 'warning', words }
}
