import type { StarTransaction } from 'grammy/types'
import { expect, test } from 'vitest'
import { createStarsRail } from '#bot/telegram/stars-rail.ts'

const user = { id: 1, is_bot: false, first_name: 'Ann' }
const transaction = (id: string, facts: Partial<StarTransaction>): StarTransaction => ({
  id,
  amount: 5,
  date: 1_800_000_000,
  ...facts,
})

test('of what happened to the Stars only payments of invoices and their refunds are listed', async () => {
  const bought = { type: 'user', transaction_type: 'invoice_payment', user, invoice_payload: 'order' } as const
  const transactions = [
    transaction('paid', { source: bought }),
    transaction('refunded', { receiver: bought }),
    transaction('media', { source: { type: 'user', transaction_type: 'paid_media_payment', user } }),
    transaction('gift', { receiver: { type: 'user', transaction_type: 'gift_purchase', user } }),
    transaction('withdrawn', { receiver: { type: 'fragment' } }),
    transaction('unknown', {}),
  ]
  const getStarTransactions = async ({ offset = 0, limit = 100 } = {}) => ({
    transactions: transactions.slice(offset, offset + limit),
  })
  const rail = createStarsRail({ getStarTransactions } as unknown as Parameters<typeof createStarsRail>[0])
  const seen: [string, string][] = []
  for await (const { chargeId, direction } of rail.listTransactionsSince(new Date(0))) seen.push([chargeId, direction])
  expect(seen).toEqual([
    ['paid', 'in'],
    ['refunded', 'out'],
  ])
})
