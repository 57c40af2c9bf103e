import { CheckCheck, CreditCard, MailX } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Home } from '#core/analytics/home-reader.ts'
import type { QuarantinedPayment } from '#core/analytics/list-troubles.ts'
import type { WaitingConversation } from '#core/analytics/waiting.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { ToneIcon } from '#web/components/badge.tsx'
import { Card } from '#web/components/card.tsx'
import { counted, formatNumber } from '#web/components/format-number.ts'
import { partNames } from '#web/components/home/part-names.ts'
import { topicUrl } from '#web/components/home/topic-url.ts'
import { PersonName } from '#web/components/person-name.tsx'
import { RelativeTime } from '#web/components/relative-time.tsx'
import { EmptyState } from '#web/components/state.tsx'

/** What waits for a person, the gravest first: what does not run, alerts, money in doubt, what could not be delivered, people. */
export function NeedsYou({ home: { health, troubles, queues, waiting, at } }: { home: Home }) {
  const unwell = health.parts.filter(({ well }) => !well)
  const dead = queues.inbox.dead + queues.outbox.dead
  const calm = unwell.length + troubles.alerts.length + troubles.quarantined.length + dead + waiting.oldest.length === 0
  const more = waiting.count - waiting.oldest.length
  return (
    <Card title="Needs you" flush>
      {calm ? (
        <EmptyState icon={CheckCheck} title="Nothing needs you">
          People who wait for an answer and anything that goes wrong appear here.
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line">
          {unwell.map(({ part, detail }) => (
            <Entry
              key={part}
              sign={<ToneIcon tone="bad" className="size-4 text-bad" />}
              title={`${partNames[part]} is in trouble`}
              detail={detail}
              when={null}
            />
          ))}
          {troubles.alerts.map(({ key, severity, title, detail, count, lastAt }) => (
            <Entry
              key={key}
              sign={
                <ToneIcon
                  tone={severity === 'urgent' ? 'bad' : 'warning'}
                  className={severity === 'urgent' ? 'size-4 text-bad' : 'size-4 text-warning'}
                />
              }
              title={title}
              detail={count > 1 ? `${detail} (${formatNumber(count)} times)` : detail}
              when={<RelativeTime at={lastAt} now={at} />}
            />
          ))}
          {troubles.quarantined.map((payment) => (
            <Quarantined key={payment.id} payment={payment} now={at} />
          ))}
          {dead > 0 && <Dead inbox={queues.inbox.dead} outbox={queues.outbox.dead} />}
          {waiting.oldest.map((conversation) => (
            <Waiting key={String(conversation.userId)} conversation={conversation} now={at} />
          ))}
          {more > 0 && <li className="px-4 py-2.5 text-muted">and {counted(more, 'more conversation')} waiting</li>}
        </ul>
      )}
    </Card>
  )
}

function Entry({
  sign,
  title,
  detail,
  when,
}: {
  sign: ReactNode
  title: ReactNode
  detail: ReactNode
  when: ReactNode
}) {
  return (
    <li className="flex gap-2.5 py-3 pr-4 pl-2">
      <span className="mt-0.5 grid w-9 shrink-0 place-items-start justify-items-center">{sign}</span>
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 gap-1.5 font-medium">{title}</p>
        <p className="line-clamp-2 text-muted break-words" dir="auto">
          {detail}
        </p>
      </div>
      <span className="shrink-0 text-xs text-muted">{when}</span>
    </li>
  )
}

function Quarantined({ payment, now }: { payment: QuarantinedPayment; now: Date }) {
  return (
    <Entry
      sign={<CreditCard aria-hidden className="size-4 text-bad" />}
      title={
        <>
          <span className="shrink-0 tabular-nums">{formatMoney(payment)}</span>
          <span className="shrink-0 font-normal text-muted">from</span>
          <PersonName person={payment} />
        </>
      }
      detail={`Paid but not granted: ${payment.problem ?? 'it does not match its order'}`}
      when={<RelativeTime at={payment.createdAt} now={now} />}
    />
  )
}

function Dead({ inbox, outbox }: { inbox: number; outbox: number }) {
  const parts = [
    ...(outbox > 0 ? [`${counted(outbox, 'message')} could not be sent`] : []),
    ...(inbox > 0 ? [`${counted(inbox, 'update')} could not be handled`] : []),
  ]
  return (
    <Entry
      sign={<MailX aria-hidden className="size-4 text-bad" />}
      title={parts.join(', ')}
      detail="Given up after several tries and kept for you to look at."
      when={null}
    />
  )
}

function Waiting({ conversation, now }: { conversation: WaitingConversation; now: Date }) {
  const { unread, preview, since } = conversation
  const url = topicUrl(conversation)
  const name = <PersonName person={conversation} />
  return (
    <Entry
      sign={
        <span
          title={counted(unread, 'unread message')}
          className="grid min-w-5 place-items-center rounded-full bg-accent-soft px-1.5 py-0.5 text-xs font-semibold text-accent tabular-nums"
        >
          {unread > 99 ? '99+' : unread}
          <span className="sr-only"> unread from</span>
        </span>
      }
      title={
        url === null ? (
          name
        ) : (
          <a href={url} rel="noreferrer" title="Open the topic in Telegram" className="flex min-w-0 hover:underline">
            {name}
          </a>
        )
      }
      detail={preview ?? 'Waits for an answer'}
      when={<RelativeTime at={since} now={now} />}
    />
  )
}
