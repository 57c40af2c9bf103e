import { formatMoney } from '#core/money/format-money.ts'
import type { OrderView } from '#core/payments/checkout/find-order.ts'
import type { CheckoutMessage } from '#web/app/checkout/checkout-page.tsx'
import { counted } from '#web/components/format-number.ts'
import { formatExactTime } from '#web/components/format-time.ts'
import type { CheckoutState } from '#web/server/payments/checkout-state.ts'

/** What a buyer reads about the state of their order. `payHref` is the order's pay link. */
export function messageOf(state: CheckoutState, payHref: string): CheckoutMessage {
  switch (state.name) {
    case 'paid':
      return { icon: 'paid', title: 'Paid, thank you', body: whatWasAdded(state.order) }
    case 'confirming':
      return {
        icon: 'wait',
        title: 'Your payment is being confirmed',
        body: `${state.order.label}: usually this takes seconds, with some payment methods days. The bot tells you when it is done. You need not pay again.`,
        followsAlong: true,
      }
    case 'review':
      return {
        icon: 'review',
        title: 'We are looking at your payment',
        body: 'It does not fit the order, so nothing was added yet. The team has been told. Please do not pay again.',
      }
    case 'payable':
      return {
        icon: 'card',
        title: 'Not paid yet',
        body: `${state.order.label}: no payment has arrived for it so far.`,
        pay: payAgain(state.order, payHref),
      }
    case 'failed':
      return {
        icon: 'failed',
        title: 'The payment did not go through',
        body: `${state.order.label}: nothing was charged. You can pay in another way.`,
        pay: payAgain(state.order, payHref),
      }
    case 'expired':
      return {
        icon: 'expired',
        title: 'This link has expired',
        body: 'Nothing was charged. Send /buy in the chat to get a new one.',
      }
  }
}

/** What a buyer reads whose pay link led nowhere; `happened` is how Stripe behaved just now, as the address says it. */
export function statusMessage(
  state: CheckoutState,
  happened: string | string[] | undefined,
  payHref: string,
): CheckoutMessage {
  // A slow payment may take longer than its link is valid; whoever made it must not read that nothing was charged.
  const isUndecided = state.name === 'payable' || state.name === 'expired'
  const isUnderWay = state.order.checkoutSessionId !== null
  if (happened === 'pending' && isUndecided && isUnderWay) return messageOf({ ...state, name: 'confirming' }, payHref)
  if (state.name !== 'payable') return messageOf(state, payHref)
  switch (happened) {
    case 'pending':
      // A payment that was under way and freed the order again has failed.
      return messageOf({ ...state, name: 'failed' }, payHref)
    case 'unavailable':
    case 'refused':
      return troubleOf(happened, payHref)
    case 'closed':
      return {
        icon: 'expired',
        title: 'This link is closed',
        body: 'Nothing was charged. Send /buy in the chat to see what you can buy.',
      }
    default:
      return messageOf(state, payHref)
  }
}

/** What a buyer reads when the payment page could not be opened although the order may be paid. */
function troubleOf(trouble: 'unavailable' | 'refused', payHref: string): CheckoutMessage {
  if (trouble === 'unavailable') {
    return {
      icon: 'trouble',
      title: 'The payment page does not answer',
      body: 'Please try again in a moment. If you have paid already, there is nothing to do: the bot confirms it in the chat.',
      pay: { label: 'Try again', href: payHref },
    }
  }
  return {
    icon: 'trouble',
    title: 'This cannot be bought right now',
    body: 'Nothing was charged. The team has been told. Send /buy in the chat to see what else there is.',
  }
}

/** What a buyer reads after leaving the payment page without paying. */
export function cancelledMessage(order: OrderView, payHref: string): CheckoutMessage {
  return {
    icon: 'cancelled',
    title: 'Nothing was charged',
    body: `You left before paying for ${order.label}. The link stays valid until ${formatExactTime(order.expiresAt)}.`,
    pay: payAgain(order, payHref),
  }
}

function payAgain(order: OrderView, href: string) {
  return { label: `Pay ${formatMoney({ amountMinor: order.priceMinor, currency: order.currency })}`, href }
}

function whatWasAdded({ kind, label, amount, bonus, passUntil }: OrderView): string {
  const extra = bonus > 0 ? ` and ${counted(bonus, 'bonus credit')}` : ''
  if (kind === 'credits') {
    return `${counted(amount, 'credit')}${extra} ${amount + bonus === 1 ? 'was' : 'were'} added to your account.`
  }
  if (kind === 'subscription') return `${label} has begun. The bot tells you what it brings and when it renews.`
  if (kind === 'content')
    return `${label} is yours${extra === '' ? '' : `,${extra} ${bonus === 1 ? 'was' : 'were'} added`}. It is in the chat.`
  const until = passUntil === null ? '' : ` until ${formatExactTime(passUntil)}`
  return `${label}${extra}: your messages are free${until}.`
}
