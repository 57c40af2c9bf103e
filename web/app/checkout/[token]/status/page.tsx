import { notFound } from 'next/navigation'
import { statusMessage } from '#web/app/checkout/checkout-messages.ts'
import { CheckoutPage } from '#web/app/checkout/checkout-page.tsx'
import { getDeps } from '#web/server/deps.ts'
import { findBotLink } from '#web/server/payments/bot-link.ts'
import { readCheckoutState } from '#web/server/payments/checkout-state.ts'

export const metadata = { title: 'Your order' }

interface Props {
  params: Promise<{ token: string }>
  searchParams: Promise<{ now?: string | string[] }>
}

/** Why the pay link led nowhere. The address only adds what the database cannot know: how Stripe behaved just now. */
export default async function StatusPage({ params, searchParams }: Props) {
  const { token } = await params
  const { now: happened } = await searchParams
  const db = getDeps().database.prisma
  const now = new Date()
  const [state, botLink] = await Promise.all([readCheckoutState(db, { token, now }), findBotLink(db, { now })])
  if (!state) notFound()
  return <CheckoutPage message={statusMessage(state, happened, `/checkout/${token}`)} botLink={botLink} />
}
