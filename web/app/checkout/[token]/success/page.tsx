import { notFound } from 'next/navigation'
import { messageOf } from '#web/app/checkout/checkout-messages.ts'
import { CheckoutPage } from '#web/app/checkout/checkout-page.tsx'
import { getDeps } from '#web/server/deps.ts'
import { findBotLink } from '#web/server/payments/bot-link.ts'
import { landOnSuccess } from '#web/server/payments/checkout-state.ts'
import { getPayments } from '#web/server/payments/payments.ts'

export const metadata = { title: 'Your payment' }

interface Props {
  params: Promise<{ token: string }>
  searchParams: Promise<{ session_id?: string | string[] }>
}

/** Where the payment page leads back to. */
export default async function SuccessPage({ params, searchParams }: Props) {
  const { token } = await params
  const sessionId = String((await searchParams).session_id ?? '')
  const now = new Date()
  const db = getDeps().database.prisma
  const [state, botLink] = await Promise.all([
    landOnSuccess(db, getPayments().rail, { token, sessionId, now }),
    findBotLink(db, { now }),
  ])
  if (!state) notFound()
  return <CheckoutPage message={messageOf(state, `/checkout/${token}`)} botLink={botLink} />
}
