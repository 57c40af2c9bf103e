import {
  CircleCheck,
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
import { EmptyState, MessagePage } from '#web/components/state.tsx'

/** What the page says. The words are kept apart from the frame, so that all pages of a purchase look alike. */
export interface CheckoutMessage {
  icon: 'paid' | 'wait' | 'expired' | 'trouble' | 'review' | 'cancelled' | 'card'
  title: string
  body: ReactNode
  /** Offers the pay link again, under this name. */
  pay?: { label: string; href: string }
  /** The page looks again by itself. */
  followsAlong?: boolean
}

const icons: Record<CheckoutMessage['icon'], LucideIcon> = {
  paid: CircleCheck,
  wait: Hourglass,
  expired: Clock,
  trouble: CloudAlert,
  review: TriangleAlert,
  cancelled: CircleX,
  card: CreditCard,
}

/** One message of a purchase, with the way back into the chat. */
export function CheckoutPage({ message, botLink }: { message: CheckoutMessage; botLink: string | null }) {
  const { icon, title, body, pay, followsAlong = false } = message
  return (
    <MessagePage>
      <EmptyState level="h1" icon={icons[icon]} title={title} action={<Actions pay={pay} botLink={botLink} />}>
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
