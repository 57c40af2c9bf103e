import { ArrowDownLeft, ArrowUpRight, Coins, Gavel, type LucideIcon, Undo2, UserPlus, Zap } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Activity } from '#core/analytics/list-activity.ts'
import { assertNever } from '#core/assert-never.ts'
import { formatMoney } from '#core/money/format-money.ts'
import type { DisputeStage } from '#core/payments/disputes/judge-dispute.ts'
import { Card } from '#web/components/card.tsx'
import { ArrivingItem, ArrivingList } from '#web/components/home/arriving-list.tsx'
import { messageKind } from '#web/components/home/message-kind.ts'
import { PersonName } from '#web/components/person-name.tsx'
import { RelativeTime } from '#web/components/relative-time.tsx'
import { EmptyState } from '#web/components/state.tsx'

/** What happened last. A message shows no more than its first line. */
export function ActivityFeed({ activity, now }: { activity: Activity[]; now: Date }) {
  return (
    <Card title="Activity" flush>
      {activity.length === 0 ? (
        <EmptyState icon={Zap} title="Nothing has happened yet">
          Messages, purchases and new users appear here as they come.
        </EmptyState>
      ) : (
        <ArrivingList initialKeys={activity.map(({ key }) => key)}>
          {activity.map((happening) => (
            <ArrivingItem key={happening.key} id={happening.key}>
              <Happening happening={happening} now={now} />
            </ArrivingItem>
          ))}
        </ArrivingList>
      )}
    </Card>
  )
}

function Happening({ happening, now }: { happening: Activity; now: Date }) {
  const { icon: Icon, tone, words } = describe(happening)
  return (
    <div className="flex items-start gap-3 px-4 py-2.5">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${tone}`} />
      <p className="flex min-w-0 flex-1 flex-wrap gap-x-1.5">{words}</p>
      <span className="shrink-0 text-xs leading-5 text-muted">
        <RelativeTime at={happening.at} now={now} />
      </span>
    </div>
  )
}

function describe(happening: Activity): { icon: LucideIcon; tone: string; words: ReactNode } {
  const name = <PersonName person={happening} />
  switch (happening.what) {
    case 'message-in':
      return {
        icon: ArrowDownLeft,
        tone: 'text-accent',
        words: (
          <>
            {name} <Said text={happening.text} without={`sent ${messageKind(happening.kind)}`} />
          </>
        ),
      }
    case 'message-out':
      return {
        icon: ArrowUpRight,
        tone: 'text-muted',
        words: (
          <>
            <bdi className="max-w-full truncate font-medium">{happening.authorName ?? 'The team'}</bdi>
            <span className="text-muted">to</span> {name}
            <Said text={happening.text} without={`sent ${messageKind(happening.kind)}`} />
          </>
        ),
      }
    case 'purchase':
      return {
        icon: Coins,
        tone: 'text-good',
        words: (
          <>
            {name} <span className="text-muted">bought</span>
            <bdi className="max-w-full truncate">{happening.label}</bdi>
            <span className="text-muted">for</span>
            <Money of={happening} />
          </>
        ),
      }
    case 'refund':
      return {
        icon: Undo2,
        tone: 'text-warning',
        words: (
          <>
            {name} <span className="text-muted">was given back</span> <Money of={happening} />
          </>
        ),
      }
    case 'dispute':
      return {
        icon: Gavel,
        tone: happening.stage === 'won' ? 'text-good' : 'text-bad',
        words: (
          <>
            {name} <span className="text-muted">disputes</span> <Money of={happening} />
            <span className="text-muted">{stages[happening.stage]}</span>
          </>
        ),
      }
    case 'new-user':
      return {
        icon: UserPlus,
        tone: 'text-info',
        words: (
          <>
            {name} <span className="text-muted">is new here</span>
          </>
        ),
      }
    default:
      return assertNever(happening)
  }
}

const stages: Record<DisputeStage, string> = {
  inquiry: '· the bank asks first',
  open: '· the bank examines it',
  lost: '· lost',
  won: '· won',
}

function Money({ of }: { of: Parameters<typeof formatMoney>[0] }) {
  return <span className="font-medium tabular-nums">{formatMoney(of)}</span>
}

function Said({ text, without }: { text: string | null; without: string }) {
  if (!text) return <span className="text-muted">{without}</span>
  return (
    <bdi className="w-full truncate text-muted" title={text}>
      {text}
    </bdi>
  )
}
