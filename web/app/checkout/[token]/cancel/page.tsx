import { notFound } from 'next/navigation'
import { cancelledMessage, messageOf } from '#web/app/checkout/checkout-messages.ts'
import { CheckoutPage } from '#web/app/checkout/checkout-page.tsx'
import { getDeps } from '#web/server/deps.ts'
import { findBotLink } from '#web/server/payments/bot-link.ts'
import { readCheckoutState } from '#web/server/payments/checkout-state.ts'

export const metadata = { title: 'Your order' }

/** Where the payment page leads back to when the buyer changed their mind. */
export default async function CancelPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params
  const db = getDeps().database.prisma
  const now = new Date()
  const [state, botLink] = await Promise.all([readCheckoutState(db, { token, now }), findBotLink(db, { now })])
  if (!state) notFound()
  const payHref = `/checkout/${token}`
  const message = state.name === 'payable' ? cancelledMessage(state.order, payHref) : messageOf(state, payHref)
  return <CheckoutPage message={message} botLink={botLink} />
}
