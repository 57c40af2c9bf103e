import { notFound } from 'next/navigation'
import { messageOf, troubleOf } from '#web/app/checkout/checkout-messages.ts'
import { CheckoutPage } from '#web/app/checkout/checkout-page.tsx'
import { getDeps } from '#web/server/deps.ts'
import { findBotLink } from '#web/server/payments/bot-link.ts'
import { type CheckoutState, readCheckoutState } from '#web/server/payments/checkout-state.ts'

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
  return <CheckoutPage message={describe(state, happened, `/checkout/${token}`)} botLink={botLink} />
}

function describe(state: CheckoutState, happened: string | string[] | undefined, payHref: string) {
  if (state.name !== 'payable') return messageOf(state, payHref)
  if (happened === 'unavailable' || happened === 'refused') return troubleOf(happened, payHref)
  if (happened === 'pending') return messageOf({ ...state, name: 'confirming' }, payHref)
  return messageOf(state, payHref)
}
