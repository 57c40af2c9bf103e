import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { countBlockedOthers, countOthers, cutOthers } from '#testing/connections.ts'
import { makeDue, newRecharger, readRecharge, runDue, spend } from '#testing/payments/recharge.ts'
import { deliverEvents, eventually, openShop, type Shop } from '#testing/payments/shop.ts'
import { spawnScript } from '#testing/script-process.ts'

vi.setConfig({ testTimeout: 120_000 })

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(async () => {
  expect(await verifyLedger(shop.database.pool)).toEqual([])
  await shop.close()
})

/** Longer than a busy machine takes to see that a request is under way; clearing the troubles ends it. */
const SLOW_MS = 20_000
const INTENTS = '/v1/payment_intents'

const attemptOf = (userId: bigint) => shop.db.rechargeAttempt.findFirstOrThrow({ where: { userId } })
const isCharging = (userId: bigint) =>
  eventually(
    () => attemptOf(userId),
    ({ state }) => state === 'charging',
  )
const isKept = (userId: bigint) =>
  eventually(
    () => attemptOf(userId),
    ({ paymentIntentId }) => paymentIntentId !== null,
  )

interface KillPoint {
  where: string
  /** The request of the worker that is slow, so that there is time to see it. */
  slow: { method: 'GET' | 'POST'; path: string }
  /** Resolves when the worker stands at this point, or at the lock below. */
  reached: (userId: bigint) => Promise<unknown>
  /** What the worker waits for in the database when it dies. */
  lock?: string
}

const points: KillPoint[] = [
  { where: 'while the charge is being made', slow: { method: 'POST', path: INTENTS }, reached: isCharging },
  {
    where: 'when the charge is made and its id is not kept',
    slow: { method: 'POST', path: INTENTS },
    reached: isCharging,
    lock: 'SELECT 1 FROM recharge_attempts WHERE user_id = $1 FOR UPDATE',
  },
  {
    where: 'while the charge is being confirmed',
    slow: { method: 'POST', path: `${INTENTS}/*/confirm` },
    reached: isKept,
  },
  {
    where: 'when the charge is decided and nobody has looked',
    slow: { method: 'GET', path: INTENTS },
    reached: async (userId) => {
      await isKept(userId)
      await eventually(
        async () => shop.world.getObject({ id: (await attemptOf(userId)).paymentIntentId ?? '' }),
        ({ status }) => status === 'succeeded' || status === 'requires_payment_method',
      )
    },
  },
  {
    where: 'while the outcome is being written down',
    slow: { method: 'POST', path: `${INTENTS}/*/confirm` },
    reached: isKept,
    lock: 'SELECT 1 FROM accounts WHERE user_id = $1 FOR UPDATE',
  },
]

describe.each(points)('a worker killed $where', ({ slow, reached, lock }) => {
  test.each(lock ? (['never', 'later'] as const) : (['never'] as const))(
    'has charged once in the end (its statement comes into effect: %s)',
    async (fate) => {
      const { userId } = await newRecharger(shop, { credits: 6 })
      await killOnTheWay(userId, fate)
      await takeUp()
      expect(await readRecharge(shop, userId)).toEqual({
        plan: 'on',
        because: null,
        rechargeBelow: 5,
        credits: 17,
        attempts: ['succeeded'],
        payments: ['granted'],
        orders: ['granted'],
        notices: ['recharge-done'],
        taken: [500],
      })
    },
  )

  test('has counted a card that is declined once', async () => {
    const { userId } = await newRecharger(shop, { credits: 6, card: 'declined' })
    await killOnTheWay(userId, 'never')
    await takeUp()
    expect(await readRecharge(shop, userId)).toMatchObject({
      attempts: ['failed: generic_decline'],
      payments: [],
      notices: ['recharge-failed'],
      taken: [],
    })
    expect(await shop.db.rechargePlan.findUniqueOrThrow({ where: { userId } })).toMatchObject({ failures: 1 })
  })

  async function killOnTheWay(userId: bigint, fate: 'never' | 'later'): Promise<void> {
    await spend(shop, userId, 1)
    await shop.world.addApiFault({ kind: 'slow', ...slow, delayMs: SLOW_MS })
    const child = await spawnWorker()
    await reached(userId)
    if (lock) await killAtLock(child, lock, userId, fate)
    else await kill(child)
  }

  /** Its successor, right after it and again when everything that was under way at Stripe has ended. */
  async function takeUp(): Promise<void> {
    await eventually(
      () => countOthers(shop.database.pool),
      (workers) => workers === 0,
    )
    await makeDue(shop)
    await Promise.all([runDue(shop), shop.world.clearApiFaults()])
    await eventually(
      async () => {
        await makeDue(shop)
        await Promise.all([runDue(shop), runDue(shop)])
        return shop.db.rechargeAttempt.count({ where: { state: { in: ['due', 'charging'] } } })
      },
      (open) => open === 0,
    )
    await deliverEvents(shop)
  }
})

async function killAtLock(child: ChildProcess, lock: string, userId: bigint, fate: 'never' | 'later'): Promise<void> {
  const client = await shop.database.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(lock, [userId])
    await shop.world.clearApiFaults()
    await eventually(
      () => countBlockedOthers(shop.database.pool),
      (blocked) => blocked > 0,
    )
    await kill(child)
    // PostgreSQL does not notice that nobody waits any more: the statement would come into effect after all.
    if (fate === 'never') await cutOthers(shop.database.pool)
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

async function kill(child: ChildProcess): Promise<void> {
  expect(child.exitCode).toBeNull()
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const spawnWorker = () => spawnScript('testing/payments/run-recharges.ts', [shop.database.url, shop.stripeUrl])
