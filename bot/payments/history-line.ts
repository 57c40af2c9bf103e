import type { Translate } from '#bot/payments/product-keyboard.ts'
import { timeLeft } from '#bot/telegram/time-left.ts'
import type { HistoryLine } from '#core/ledger/list-history.ts'
import { shortText } from '#core/storable-text.ts'

const REASON_LENGTH = 80

/** One line of a user's history: the day (UTC), what it was, what came or went, and the credits after it. */
export function historyLine(t: Translate, line: HistoryLine, now: Date): string {
  const reason = shortText((line.reason ?? '').replace(/\s+/g, ' ').trim(), REASON_LENGTH)
  const what = t(`history-${line.kind}`, { count: line.count, reason, sign: Math.sign(line.amount) })
  const moved = [
    ...(line.amount === 0 ? [] : [`${signed(line.amount)} → ${line.balanceAfter}`]),
    ...(line.passSeconds === 0 ? [] : [passMoved(line.passSeconds)]),
  ]
  return [dayOf(line.at, now), what, ...moved].join(' · ')
}

/** With a real minus, as wide as the plus. */
function signed(amount: number): string {
  return amount < 0 ? `−${-amount}` : `+${amount}`
}

function passMoved(seconds: number): string {
  const start = new Date(0)
  const length = timeLeft(new Date(Math.abs(seconds) * 1_000), start)
  return `⏳ ${seconds < 0 ? '−' : '+'}${length}`
}

function dayOf(at: Date, now: Date, locale = 'en'): string {
  const isThisYear = at.getUTCFullYear() === now.getUTCFullYear()
  const year = isThisYear ? {} : ({ year: 'numeric' } as const)
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...year, timeZone: 'UTC' }).format(at)
}
