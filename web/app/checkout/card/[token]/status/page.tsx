import { notFound } from 'next/navigation'
import { type CardLanding, landOnCardPage } from '#core/recharge/land-on-card-page.ts'
import { type CheckoutMessage, CheckoutPage } from '#web/app/checkout/checkout-page.tsx'
import { getDeps } from '#web/server/deps.ts'
import { findBotLink } from '#web/server/payments/bot-link.ts'
import { getPayments } from '#web/server/payments/payments.ts'

export const metadata = { title: 'Your card' }

interface Props {
  params: Promise<{ token: string }>
  searchParams: Promise<{ now?: string | string[] }>
}

/** Where the page that saves a card leads back to, and what is said when it could not be opened. */
export default async function CardStatusPage({ params, searchParams }: Props) {
  const { token } = await params
  const { now: happened } = await searchParams
  const db = getDeps().database.prisma
  const now = new Date()
  const [landing, botLink] = await Promise.all([
    landOnCardPage(db, getPayments().rail, { token, now }),
    findBotLink(db, { now }),
  ])
  if (!landing) notFound()
  const isRefused = landing === 'not_saved' && happened === 'refused'
  return (
    <CheckoutPage message={isRefused ? refused : messageOf(landing, `/checkout/card/${token}`)} botLink={botLink} />
  )
}

function messageOf(landing: CardLanding, href: string): CheckoutMessage {
  switch (landing) {
    case 'saved':
      return { icon: 'paid', title: 'Your card is saved', body: 'Auto-recharge is on. Nothing was charged now.' }
    case 'not_saved':
      return {
        icon: 'card',
        title: 'No card is saved yet',
        body: 'Nothing was charged. Auto-recharge starts when a card is saved.',
        pay: { label: 'Save a card', href },
      }
    case 'off':
      return {
        icon: 'cancelled',
        title: 'Auto-recharge is off',
        body: 'Nothing is charged by itself. Send /autorecharge in the chat to set it up.',
      }
    case 'unavailable':
      return {
        icon: 'trouble',
        title: 'Stripe does not answer',
        body: 'Please try again in a moment. If you have saved your card already, there is nothing to do: the bot confirms it in the chat.',
        pay: { label: 'Try again', href },
      }
  }
}

const refused: CheckoutMessage = {
  icon: 'trouble',
  title: 'Cards cannot be saved right now',
  body: 'Nothing was charged. The team has been told.',
}
