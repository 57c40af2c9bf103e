import { cx } from 'class-variance-authority'
import { CheckCheck, CreditCard, MailX } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Home } from '#core/analytics/home-reader.ts'
import type { QuarantinedPayment, Undelivered } from '#core/analytics/list-troubles.ts'
import type { WaitingConversation } from '#core/analytics/waiting.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { ToneIcon } from '#web/components/badge.tsx'
import { Card } from '#web/components/card.tsx'
import { counted, formatNumber } from '#web/components/format-number.ts'
import { countTroubles } from '#web/components/home/count-troubles.ts'
import { messageKind } from '#web/components/home/message-kind.ts'
import { partNames } from '#web/components/home/part-names.ts'
import { topicUrl } from '#web/components/home/topic-url.ts'
import { undeliveredWords } from '#web/components/home/undelivered-words.ts'
import { PersonName } from '#web/components/person-name.tsx'
import { RelativeTime } from '#web/components/relative-time.tsx'
import { EmptyState } from '#web/components/state.tsx'

/** What waits for a person, the gravest first: what does not run, alerts, money in doubt, what could not be delivered, people. */
export function NeedsYou({ home }: { home: Home }) {
  const { health, troubles, queues, waiting, at } = home
  const chatUrl = home.bot?.chatUrl ?? null
  const unwell = health.parts.filter(({ well }) => !well)
  const calm = unwell.length + countTroubles(home) + waiting.oldest.length === 0
  const moreAlerts = troubles.counts.alerts - troubles.alerts.length
  const moreQuarantined = troubles.counts.quarantined - troubles.quarantined.length
  const moreUndelivered = queues.outbox.dead - troubles.undelivered.length
  const moreWaiting = waiting.count - waiting.oldest.length
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
              detail={asSentence(detail)}
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
          {moreAlerts > 0 && <More>{counted(moreAlerts, 'more alert')}</More>}
          {troubles.quarantined.map((payment) => (
            <Quarantined key={payment.id} payment={payment} now={at} />
          ))}
          {moreQuarantined > 0 && <More>{counted(moreQuarantined, 'more payment')} not granted</More>}
          {troubles.undelivered.map((item) => (
            <NotDelivered key={item.id} item={item} chatUrl={chatUrl} now={at} />
          ))}
          {moreUndelivered > 0 && <More>{counted(moreUndelivered, 'more message')} not delivered</More>}
          {queues.inbox.dead > 0 && <NotHandled count={queues.inbox.dead} />}
          {waiting.oldest.map((conversation) => (
            <Waiting key={String(conversation.userId)} conversation={conversation} chatUrl={chatUrl} now={at} />
          ))}
          {moreWaiting > 0 && <More>{counted(moreWaiting, 'more conversation')} waiting</More>}
        </ul>
      )}
    </Card>
  )
}

function asSentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

function More({ children }: { children: ReactNode }) {
  return <li className="px-4 py-2.5 text-muted">and {children}</li>
}

/** A row of the list; the whole of it leads to `href`, where there is one. */
function Entry({
  sign,
  title,
  detail,
  when,
  href = null,
}: {
  sign: ReactNode
  title: ReactNode
  detail: ReactNode
  when: ReactNode
  href?: string | null
}) {
  return (
    <li className={cx('relative flex gap-2.5 py-3 pr-4 pl-2', href !== null && 'hover:bg-sunken')}>
      <span className="mt-0.5 grid w-9 shrink-0 place-items-start justify-items-center">{sign}</span>
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 gap-1.5 font-medium">
          {href === null ? (
            title
          ) : (
            <a
              href={href}
              target="_blank"
              rel="noopener noreferrer"
              title="Open the topic in Telegram"
              className="flex min-w-0 gap-1.5 after:absolute after:inset-0"
            >
              {title}
              <span className="sr-only"> (opens the topic in Telegram)</span>
            </a>
          )}
        </p>
        <p className="text-muted [overflow-wrap:anywhere]" dir="auto">
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

function NotDelivered({ item, chatUrl, now }: { item: Undelivered; chatUrl: string | null; now: Date }) {
  const { before, happened } = undeliveredWords(item.purpose)
  return (
    <Entry
      sign={<MailX aria-hidden className="size-4 text-bad" />}
      title={
        <>
          <span className="shrink-0 font-normal text-muted">{before}</span>
          {item.userId === null ? 'the team' : <PersonName person={item} />}
        </>
      }
      detail={`${happened}: ${item.error ?? 'nobody said why'}`}
      when={<RelativeTime at={item.createdAt} now={now} />}
      href={topicUrl(item, chatUrl)}
    />
  )
}

function NotHandled({ count }: { count: number }) {
  return (
    <Entry
      sign={<MailX aria-hidden className="size-4 text-bad" />}
      title={`${counted(count, 'update')} from Telegram could not be handled`}
      detail="Given up after several tries. What happened stands in the log of the bot."
      when={null}
    />
  )
}

function Waiting({
  conversation,
  chatUrl,
  now,
}: {
  conversation: WaitingConversation
  chatUrl: string | null
  now: Date
}) {
  const { unread, preview, kind, since } = conversation
  const wordless = kind === null ? 'Waits for an answer' : `Sent ${messageKind(kind)}`
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
      title={<PersonName person={conversation} />}
      detail={<span className="line-clamp-2">{preview ?? wordless}</span>}
      when={<RelativeTime at={since} now={now} />}
      href={topicUrl(conversation, chatUrl)}
    />
  )
}
