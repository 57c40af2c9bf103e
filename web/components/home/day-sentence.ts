import type { Home } from '#core/analytics/home-reader.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { counted } from '#web/components/format-number.ts'
import { formatAge } from '#web/components/format-time.ts'

type Facts = Pick<Home, 'at' | 'currency' | 'today' | 'waiting' | 'health'>

/** How the day goes, in a sentence or two: trouble first, then what came in, then who waits. */
export function daySentence({ at, currency, today, waiting, health }: Facts): string {
  return [trouble(health), cameIn(today, currency), whoWaits(waiting, at)].filter((part) => part !== null).join(' ')
}

function trouble(health: Home['health']): string | null {
  const [first] = health.parts.filter(({ well }) => !well)
  return first ? `Something needs you: ${first.detail}.` : null
}

function cameIn({ messages, revenueMinor, otherRevenue }: Home['today'], currency: string): string {
  const main = revenueMinor.today > 0 ? [{ amountMinor: revenueMinor.today, currency }] : []
  const earned = [...main, ...otherRevenue].map((money) => formatMoney(money))
  if (messages.today === 0 && earned.length === 0) return 'Nothing has come in yet today.'
  if (messages.today === 0) return `${listed.format(earned)} so far today.`
  const all = listed.format([counted(messages.today, 'message'), ...earned])
  return `${all} so far today, ${comparison(messages.today, messages.yesterday)}.`
}

const listed = new Intl.ListFormat('en-GB', { type: 'conjunction' })

function comparison(today: number, yesterday: number): string {
  if (yesterday === 0) return 'after a silent yesterday'
  const ratio = today / yesterday
  if (ratio >= 1.5) return 'much more than yesterday by now'
  if (ratio > 1.1) return 'more than yesterday by now'
  if (ratio >= 0.9) return 'about as much as yesterday by now'
  return ratio > 0.5 ? 'less than yesterday by now' : 'much less than yesterday by now'
}

function whoWaits({ count, since }: Home['waiting'], at: Date): string {
  if (count === 0 || since === null) return 'Nobody waits for an answer.'
  const age = formatAge(at.getTime() - since.getTime())
  if (count === 1) return `One person has waited ${age} for an answer.`
  return `${counted(count, 'person', 'people')} wait for an answer, the first for ${age}.`
}
