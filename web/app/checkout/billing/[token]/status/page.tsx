import { type CheckoutMessage, CheckoutPage } from '#web/app/checkout/checkout-page.tsx'
import { getDeps } from '#web/server/deps.ts'
import { findBotLink } from '#web/server/payments/bot-link.ts'

export const metadata = { title: 'Your billing' }

interface Props {
  params: Promise<{ token: string }>
  searchParams: Promise<{ now?: string | string[] }>
}

/** Where the billing page leads back to, and what is said when it could not be opened. Tells nothing about anybody. */
export default async function BillingStatusPage({ params, searchParams }: Props) {
  const { token } = await params
  const { now: happened } = await searchParams
  const botLink = await findBotLink(getDeps().database.prisma, { now: new Date() })
  return <CheckoutPage message={messageOf(happened, `/checkout/billing/${token}`)} botLink={botLink} />
}

function messageOf(happened: string | string[] | undefined, href: string): CheckoutMessage {
  switch (happened) {
    case 'unavailable':
      return {
        icon: 'trouble',
        title: 'The billing page does not answer',
        body: 'Please try again in a moment.',
        pay: { label: 'Try again', href },
      }
    case 'nothing':
      return {
        icon: 'card',
        title: 'There is nothing to show yet',
        body: 'Send /buy in the chat to see what there is.',
      }
    case 'back':
      return {
        icon: 'card',
        title: 'That was your billing',
        body: 'You can go back to the chat.',
        pay: { label: 'Open billing again', href },
      }
    default:
      return { icon: 'expired', title: 'This link has expired', body: 'Send /billing in the chat to get a new one.' }
  }
}
