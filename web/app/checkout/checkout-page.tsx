import {
  CircleCheck,
  CircleSlash,
  CircleX,
  Clock,
  CloudAlert,
  CreditCard,
  Hourglass,
  type LucideIcon,
  TriangleAlert,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { FollowAlong } from '#web/app/checkout/follow-along.tsx'
import { ButtonLink } from '#web/components/button.tsx'
import { EmptyState, MessagePage, type StateTone } from '#web/components/state.tsx'

/** What the page says. The words are kept apart from the frame, so that all pages of a purchase look alike. */
export interface CheckoutMessage {
  icon: 'paid' | 'wait' | 'expired' | 'trouble' | 'review' | 'failed' | 'cancelled' | 'card'
  title: string
  body: ReactNode
  /** Offers the pay link again, under this name. */
  pay?: { label: string; href: string }
  /** The page looks again by itself. */
  followsAlong?: boolean
}

const signs: Record<CheckoutMessage['icon'], { icon: LucideIcon; tone: StateTone }> = {
  paid: { icon: CircleCheck, tone: 'good' },
  wait: { icon: Hourglass, tone: 'neutral' },
  expired: { icon: Clock, tone: 'neutral' },
  trouble: { icon: CloudAlert, tone: 'warning' },
  review: { icon: TriangleAlert, tone: 'warning' },
  failed: { icon: CircleX, tone: 'warning' },
  cancelled: { icon: CircleSlash, tone: 'neutral' },
  card: { icon: CreditCard, tone: 'neutral' },
}

/** One message of a purchase, with the way back into the chat. */
export function CheckoutPage({ message, botLink }: { message: CheckoutMessage; botLink: string | null }) {
  const { icon, title, body, pay, followsAlong = false } = message
  return (
    <MessagePage>
      <EmptyState level="h1" {...signs[icon]} title={title} action={<Actions pay={pay} botLink={botLink} />}>
        {body}
      </EmptyState>
      {followsAlong && <FollowAlong />}
    </MessagePage>
  )
}

function Actions({ pay, botLink }: { pay: CheckoutMessage['pay']; botLink: string | null }) {
  return (
    <div className="flex flex-col gap-2">
      {/* A plain link: fetching it ahead of time would open a payment page. */}
      {pay && (
        <ButtonLink external look="primary" size="large" href={pay.href}>
          {pay.label}
        </ButtonLink>
      )}
      {botLink === null ? (
        <p className="text-muted">Go back to the chat with the bot in Telegram.</p>
      ) : (
        <ButtonLink external look={pay ? 'quiet' : 'primary'} size="large" href={botLink}>
          Back to the chat
        </ButtonLink>
      )}
    </div>
  )
}
