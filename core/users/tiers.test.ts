import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { changeSetting } from '#core/settings/change-setting.ts'
import { loadSettings } from '#core/settings/load-settings.ts'
import type { Settings } from '#core/settings/settings.ts'
import { setTierOverride } from '#core/users/set-tier-override.ts'
import { uncountRefund } from '#core/users/uncount-refund.ts'
import type { Prisma, Role, Tier } from '#prisma'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'
import { grantPayment } from '#testing/payments/granted-payment.ts'

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase()
  await changeRules({ regular: { purchases: 2, spentMinor: 2_000 }, vip: { purchases: 10, spentMinor: 20_000 } })
})
afterEach(async () => {
  expect(await verifyLedger(db.pool)).toEqual([])
  await db.close()
})

const changeRules = (value: Settings['tiers']) => changeSetting(db.prisma, { key: 'tiers', value, updatedBy: 'test' })

let nextId = 1n
async function newUser(data: Partial<Prisma.UserUncheckedCreateInput> = {}): Promise<bigint> {
  nextId += 1n
  const id = nextId
  await db.prisma.user.create({ data: { id, firstName: 'Ann', ...data } })
  return id
}

/** The tier after it. */
async function buy(userId: bigint, priceMinor: number): Promise<Tier> {
  await grantPayment(db.prisma, { userId, product: { priceMinor } })
  return tierOf(userId)
}
const giveBack = (userId: bigint, amountMinor: number, purchases = 0) =>
  db.prisma.$transaction((tx) => uncountRefund(tx, { userId, amountMinor, purchases }))
const tierOf = async (id: bigint) => (await db.prisma.user.findUniqueOrThrow({ where: { id } })).tier
const actor = (role: Role) => ({ id: 9n, name: 'Olga', role })

describe('by the rules', () => {
  test('people rise by the number of their purchases', async () => {
    const userId = await newUser()
    expect(await buy(userId, 1)).toBe('new')
    expect(await buy(userId, 1)).toBe('regular')
    for (let i = 0; i < 8; i += 1) await buy(userId, 1)
    expect(await tierOf(userId)).toBe('vip')
  })

  test('or by what they have spent, past a tier if it is much', async () => {
    const userId = await newUser()
    expect(await buy(userId, 1_999)).toBe('new')
    expect(await buy(await newUser(), 2_000)).toBe('regular')
    expect(await buy(await newUser(), 20_000)).toBe('vip')
  })

  test('a threshold of 0 is no way into a tier', async () => {
    await changeRules({ regular: { purchases: 0, spentMinor: 0 }, vip: { purchases: 0, spentMinor: 500 } })
    const userId = await newUser()
    expect(await tierOf(userId)).toBe('new')
    expect(await buy(userId, 499)).toBe('new')
    expect(await buy(userId, 1)).toBe('vip')
  })

  test('a refund lets people fall again, never below nothing, and one that failed counts again', async () => {
    const userId = await newUser()
    await buy(userId, 2_000)
    expect(await giveBack(userId, 500)).toEqual({ tier: 'new' })
    expect(await giveBack(userId, -500)).toEqual({ tier: 'regular' })
    await giveBack(userId, 9_000, 3)
    expect(await db.prisma.user.findUniqueOrThrow({ where: { id: userId } })).toMatchObject({
      tier: 'new',
      spentMinor: 0n,
      purchases: 0,
    })
  })

  test('purchases that arrive at once are all counted', async () => {
    const userId = await newUser()
    await Promise.all(Array.from({ length: 12 }, () => buy(userId, 100)))
    expect(await db.prisma.user.findUniqueOrThrow({ where: { id: userId } })).toMatchObject({
      tier: 'vip',
      spentMinor: 1_200n,
      purchases: 12,
    })
  })
})

describe('new rules', () => {
  test('count for everybody at once, and their cards say so', async () => {
    const low = await newUser({ purchases: 1, spentMinor: 300 })
    const high = await newUser({ purchases: 3, spentMinor: 900, tier: 'regular' })
    const named = await newUser({ purchases: 3, spentMinor: 900, tier: 'vip', tierOverride: 'vip' })
    await db.prisma.conversation.createMany({ data: [low, high, named].map((userId) => ({ userId })) })
    await changeRules({ regular: { purchases: 0, spentMinor: 300 }, vip: { purchases: 3, spentMinor: 0 } })
    expect([await tierOf(low), await tierOf(high), await tierOf(named)]).toEqual(['regular', 'vip', 'vip'])
    const dirty = await db.prisma.conversation.findMany({
      where: { cardDirtyAt: { not: null } },
      orderBy: { userId: 'asc' },
    })
    expect(dirty.map(({ userId }) => userId)).toEqual([low, high])
    await changeRules({ regular: { purchases: 9, spentMinor: 0 }, vip: { purchases: 9, spentMinor: 0 } })
    expect([await tierOf(low), await tierOf(high), await tierOf(named)]).toEqual(['new', 'new', 'vip'])
  })

  test('that are refused together with something else change nobody', async () => {
    const userId = await newUser({ purchases: 1 })
    const rules = { regular: { purchases: 1, spentMinor: 0 }, vip: { purchases: 0, spentMinor: 0 } }
    const attempt = db.prisma.$transaction(async (tx) => {
      await changeSetting(tx, { key: 'tiers', value: rules, updatedBy: 'test' })
      throw new Error('the rest failed')
    })
    await expect(attempt).rejects.toThrow('the rest failed')
    expect(await tierOf(userId)).toBe('new')
    expect((await loadSettings(db.prisma)).settings.tiers.regular.purchases).toBe(2)
  })

  test('that change while people buy leave nobody with a tier of the rules before', async () => {
    const userIds = await Promise.all(Array.from({ length: 12 }, () => newUser()))
    for (let round = 1; round <= 5; round += 1) {
      const rules = { regular: { purchases: round, spentMinor: 0 }, vip: { purchases: round + 1, spentMinor: 0 } }
      await Promise.all([...userIds.map((userId) => buy(userId, 1)), changeRules(rules)])
      expect(await verifyLedger(db.pool)).toEqual([])
    }
  })
})

describe('a tier set by hand', () => {
  test('stays whatever is bought, until the rules decide again', async () => {
    const userId = await newUser()
    const set = (tier: 'vip' | null) =>
      setTierOverride(db.prisma, { userId, tier, actor: actor('admin'), reason: 'a friend' })
    expect(await set('vip')).toEqual({ status: 'changed', tier: 'vip' })
    expect(await set('vip')).toEqual({ status: 'unchanged', tier: 'vip' })
    expect(await buy(userId, 2_000)).toBe('vip')
    expect(await set(null)).toEqual({ status: 'changed', tier: 'regular' })
    const audits = await db.prisma.auditEntry.findMany({ orderBy: { id: 'asc' } })
    expect(audits.map(({ action, target, before, after, reason }) => [action, target, before, after, reason])).toEqual([
      ['user.tier', `user:${userId}`, { tier: 'new', override: null }, { override: 'vip' }, 'a friend'],
      ['user.tier', `user:${userId}`, { tier: 'vip', override: 'vip' }, { override: null }, 'a friend'],
    ])
  })

  test('is for admins and for people who exist', async () => {
    const userId = await newUser()
    const set = (role: Role, id: bigint) => setTierOverride(db.prisma, { userId: id, tier: 'vip', actor: actor(role) })
    expect(await set('agent', userId)).toEqual({ status: 'forbidden' })
    expect(await set('owner', 999_999n)).toEqual({ status: 'unknown-user' })
    expect(await tierOf(userId)).toBe('new')
    expect(await db.prisma.auditEntry.count()).toBe(0)
  })
})
