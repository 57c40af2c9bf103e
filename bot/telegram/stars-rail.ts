import type { Api } from 'grammy'
import type { StarTransaction, TransactionPartner } from 'grammy/types'
import { classifyTelegramError, type TelegramFailureKind } from '#bot/telegram/errors.ts'
import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import type { StarsRail, StarsTransaction } from '#core/rails/stars/stars-rail.ts'

/** Telegram's own bound. */
const PAGE = 100

/** Nothing is known about the effect, or nothing happened that could not happen later. */
const unavailable = new Set<TelegramFailureKind>(['retry-after', 'server-error', 'not-sent', 'lost', 'unauthorized'])

/** What Telegram does with Stars, by the Bot API. */
export function createStarsRail(
  api: Pick<Api, 'refundStarPayment' | 'editUserStarSubscription' | 'getStarTransactions'>,
): StarsRail {
  return {
    async refund({ userId, chargeId }) {
      const failure = await attempt(() => api.refundStarPayment(Number(userId), chargeId))
      if (!failure) return { status: 'refunded' }
      return failure.kind === 'refunded-before'
        ? { status: 'refunded_before' }
        : { status: 'refused', reason: failure.reason }
    },
    async setRenewal({ userId, chargeId, renews }) {
      const failure = await attempt(() => api.editUserStarSubscription(Number(userId), chargeId, !renews))
      return failure ? 'over' : 'done'
    },
    listTransactionsSince: (since) => listSince(api, since),
  }
}

/** Null when it was done, the failure when Telegram refused. */
async function attempt(call: () => Promise<unknown>) {
  try {
    await call()
    return null
  } catch (error) {
    const failure = classifyTelegramError(error)
    if (!failure) throw error
    if (unavailable.has(failure.kind)) throw new RailUnavailableError('Telegram did not answer', { cause: error })
    return failure
  }
}

type Lister = Pick<Api, 'getStarTransactions'>

async function* listSince(api: Lister, since: Date): AsyncGenerator<StarsTransaction> {
  for (let offset = await findStart(api, since); ; ) {
    const page = await readPage(api, offset, PAGE)
    if (page.length === 0) return
    offset += page.length
    for (const transaction of page) {
      const read = readTransaction(transaction)
      if (read && read.at >= since) yield read
    }
  }
}

/** The list is in the order of time and grows at its end only, so a place in it can be searched for by halves. */
async function findStart(api: Lister, since: Date): Promise<number> {
  const isBefore = async (offset: number) => {
    const [transaction] = await readPage(api, offset, 1)
    return transaction !== undefined && transaction.date * 1000 < since.getTime()
  }
  let low = 0
  let high = 1
  if (!(await isBefore(0))) return 0
  while (await isBefore(high)) {
    low = high
    high *= 2
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (await isBefore(middle)) low = middle
    else high = middle
  }
  return high
}

async function readPage(api: Lister, offset: number, limit: number): Promise<StarTransaction[]> {
  try {
    return (await api.getStarTransactions({ offset, limit })).transactions
  } catch (error) {
    if (!classifyTelegramError(error)) throw error
    throw new RailUnavailableError('Telegram did not list the transactions', { cause: error })
  }
}

/** Null for what is none of our business: withdrawals, advertisements, gifts. */
function readTransaction({ id, amount, date, source, receiver }: StarTransaction): StarsTransaction | null {
  const partner = source ?? receiver
  if (!partner || !isBuyer(partner)) return null
  const { user, invoice_payload: payload = '', subscription_period: periodSeconds = null } = partner
  return {
    chargeId: id,
    direction: source ? 'in' : 'out',
    amountStars: amount,
    at: new Date(date * 1000),
    payer: {
      id: user.id,
      firstName: user.first_name,
      lastName: user.last_name ?? null,
      username: user.username ?? null,
      languageCode: user.language_code ?? null,
    },
    payload,
    periodSeconds,
  }
}

function isBuyer(partner: TransactionPartner): partner is Extract<TransactionPartner, { type: 'user' }> {
  return partner.type === 'user' && partner.transaction_type === 'invoice_payment'
}
