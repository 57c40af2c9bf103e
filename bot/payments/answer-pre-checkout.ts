import type { I18n } from '@grammyjs/i18n'
import type { Api } from 'grammy'
import type { PreCheckoutQuery } from 'grammy/types'
import type { Logger } from 'pino'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import type { Sql } from '#core/db.ts'
import { findStarsRefusal, type StarsRefusal } from '#core/payments/stars/judge-stars-checkout.ts'

interface AnswerDeps {
  /** Connections that nothing else uses: everything that is busy elsewhere may be busy for longer than this can wait. */
  sql: Sql
  api: Pick<Api, 'answerPreCheckoutQuery'>
  i18n: I18n
  log: Logger
  now: () => Date
}

/** Telegram waits ten seconds: https://core.telegram.org/bots/api#answerprecheckoutquery */
const DATABASE_MAY_TAKE_MS = 4_000
const GIVE_UP_AFTER_MS = 9_000
const AGAIN_AFTER_MS = 300

const texts: Record<StarsRefusal | 'trouble', string> = {
  unknown: 'stars-refused-unknown',
  other: 'stars-refused-other',
  paid: 'stars-refused-paid',
  expired: 'stars-refused-expired',
  price: 'stars-refused-price',
  banned: 'stars-refused-banned',
  closed: 'stars-refused-closed',
  trouble: 'stars-refused-trouble',
}

/**
 * Answers what Telegram asks just before it takes the Stars. Never throws and never waits for anything but the database
 * and Telegram. A question that is not answered costs the buyer nothing: Telegram then takes nothing.
 */
export function createPreCheckoutAnswerer(deps: AnswerDeps): (query: PreCheckoutQuery) => Promise<void> {
  return async (query) => {
    const startedAt = performance.now()
    const refusal = await judge(deps, query)
    if (refusal !== null) deps.log.info({ refusal, user: query.from.id }, 'a payment in Stars was refused')
    while (performance.now() - startedAt < GIVE_UP_AFTER_MS) {
      if (await isAnswered(deps, query, refusal)) return
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS))
    }
    deps.log.error({ user: query.from.id }, 'a payment in Stars could not be let through in time')
  }
}

async function judge({ sql, now, log }: AnswerDeps, query: PreCheckoutQuery): Promise<StarsRefusal | 'trouble' | null> {
  const { from, currency, total_amount: amountStars, invoice_payload: payload } = query
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<'trouble'>((resolve) => {
    timer = setTimeout(() => resolve('trouble'), DATABASE_MAY_TAKE_MS)
  })
  try {
    const checkout = { userId: from.id, payload, amountStars, currency }
    return await Promise.race([findStarsRefusal(sql, { checkout, now: now() }), tooLate])
  } catch (err) {
    log.error({ err }, 'an order could not be looked up before its payment')
    return 'trouble'
  } finally {
    clearTimeout(timer)
  }
}

async function isAnswered(
  { api, i18n, log }: AnswerDeps,
  { id, from }: PreCheckoutQuery,
  refusal: StarsRefusal | 'trouble' | null,
): Promise<boolean> {
  try {
    if (refusal === null) await api.answerPreCheckoutQuery(id, true)
    else {
      const locale = from.language_code ?? 'en'
      await api.answerPreCheckoutQuery(id, false, { error_message: i18n.t(locale, texts[refusal]) })
    }
    return true
  } catch (err) {
    const failure = classifyTelegramError(err)
    log.warn({ err }, 'a question before a payment could not be answered')
    // Telegram has an answer already, or does not want one any more.
    return failure === null || failure.kind === 'bad-request'
  }
}
