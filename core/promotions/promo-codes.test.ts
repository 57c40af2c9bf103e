import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { createPromoCode, type NewPromoCode } from '#core/promotions/create-promo-code.ts'
import { listPromoCodes } from '#core/promotions/list-promo-codes.ts'
import { redeemPromoCode, WRONG_CODES_PER_HOUR } from '#core/promotions/redeem-promo-code.ts'
import { switchPromoCode } from '#core/promotions/switch-promo-code.ts'
import type { Role } from '#prisma'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

const HOUR_MS = 3_600_000
const now = new Date()
const later = (hours: number) => new Date(now.getTime() + hours * HOUR_MS)

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(async () => expect(await verifyLedger(db.pool)).toEqual([]))
afterAll(() => db.close())

let lastUserId = 0n
async function newUser(bannedAt: Date | null = null): Promise<bigint> {
  lastUserId += 1n
  const id = lastUserId
  await db.prisma.user.create({ data: { id, firstName: 'Ann', bannedAt } })
  return id
}

const actor = (role: Role) => ({ id: 9n, name: 'Olga', role })
let lastCode = 0
const create = (given: Partial<NewPromoCode> = {}, role: Role = 'admin') => {
  const plain = { credits: 50, passSeconds: 0, maxUses: null, expiresAt: null, creditsLastDays: null }
  return createPromoCode(db.prisma, { ...plain, code: `CODE${(lastCode += 1)}`, ...given, actor: actor(role), now })
}
async function newCode(given: Partial<NewPromoCode> = {}): Promise<string> {
  const outcome = await create(given)
  if (outcome.status !== 'created') throw new Error(`the code is ${outcome.status}`)
  return outcome.promo.code
}
const redeem = (userId: bigint, code: string, at = now) => redeemPromoCode(db.prisma, { userId, code, now: at })
const statusOf = async (userId: bigint, code: string, at = now) => (await redeem(userId, code, at)).status
const account = (userId: bigint) => db.prisma.account.findUnique({ where: { userId } })

describe('redeeming', () => {
  test('brings credits and pass time, however the code is typed', async () => {
    const userId = await newUser()
    await newCode({ code: 'Spring_26', credits: 50, passSeconds: 86_400, creditsLastDays: 14 })
    const outcome = await redeem(userId, ' spring_26 ')
    expect(outcome).toMatchObject({
      status: 'redeemed',
      code: 'SPRING_26',
      credits: 50,
      passSeconds: 86_400,
      balance: 50,
    })
    expect(outcome).toMatchObject({ creditsUntil: later(14 * 24) })
    expect((await account(userId))?.passUntil?.getTime()).toBeGreaterThan(now.getTime())
    const lot = await db.prisma.bonusLot.findFirstOrThrow({ where: { userId } })
    expect(lot).toMatchObject({ granted: 50, expiresAt: later(14 * 24) })
  })

  test('a hundred people who race for ten uses get exactly ten', async () => {
    const code = await newCode({ maxUses: 10, credits: 5 })
    const userIds = await Promise.all(Array.from({ length: 100 }, () => newUser()))
    const statuses = await Promise.all(userIds.map((userId) => statusOf(userId, code)))
    expect(statuses.filter((status) => status === 'redeemed')).toHaveLength(10)
    expect(statuses.filter((status) => status === 'used_up')).toHaveLength(90)
    expect(await db.prisma.promoCode.findUniqueOrThrow({ where: { code } })).toMatchObject({ uses: 10 })
  })

  test('twenty times at once by the same person works once', async () => {
    const [userId, code] = [await newUser(), await newCode()]
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(userId, code)))
    expect(statuses.filter((status) => status === 'redeemed')).toHaveLength(1)
    expect(statuses.filter((status) => status === 'already_used')).toHaveLength(19)
    expect(await account(userId)).toMatchObject({ bonus: 50 })
  })

  test('is refused after the end, at the very end, and while it is switched off', async () => {
    const userId = await newUser()
    const code = await newCode({ expiresAt: later(2) })
    expect(await statusOf(userId, code, later(2))).toBe('expired')
    await switchPromoCode(db.prisma, { code, active: false, actor: actor('admin') })
    expect(await statusOf(userId, code)).toBe('expired')
    await switchPromoCode(db.prisma, { code, active: true, actor: actor('admin') })
    expect(await statusOf(userId, code)).toBe('redeemed')
    expect(await statusOf(userId, code, later(3))).toBe('already_used')
  })

  test('is refused to somebody banned, and the use stays for others', async () => {
    const code = await newCode({ maxUses: 1 })
    expect(await statusOf(await newUser(now), code)).toBe('banned')
    expect(await statusOf(await newUser(), code)).toBe('redeemed')
  })
})

describe('guessing', () => {
  test('ends after ten wrong codes within an hour, also when they are tried at once', async () => {
    const [userId, code] = [await newUser(), await newCode()]
    const statuses = await Promise.all(Array.from({ length: 30 }, (_, i) => statusOf(userId, `WRONG${i}`)))
    expect(statuses.filter((status) => status === 'unknown')).toHaveLength(WRONG_CODES_PER_HOUR)
    expect(await statusOf(userId, code)).toBe('too_many_tries')
    expect(await statusOf(await newUser(), code)).toBe('redeemed')
    expect(await statusOf(userId, code, later(1.01))).toBe('redeemed')
  })

  test('leaves no more rows behind than count', async () => {
    const userId = await newUser()
    for (let i = 0; i < 5; i += 1) await statusOf(userId, 'NO', later(2 * i))
    expect(await db.prisma.promoGuess.count({ where: { userId } })).toBe(1)
  })

  test('anything that can be typed is just unknown', async () => {
    const userId = await newUser()
    for (const typed of ['', '  ', '🚫', "' OR 1=1", 'ß', 'x'.repeat(4_000)])
      expect(await statusOf(userId, typed)).toBe('unknown')
  })
})

describe('a new code', () => {
  test('is kept with who made it and what it is worth', async () => {
    const outcome = await create({ code: 'audited', credits: 5, maxUses: 3, expiresAt: later(24) })
    const promo = outcome.status === 'created' ? outcome.promo : null
    expect(promo).toMatchObject({ code: 'AUDITED', uses: 0, active: true, createdBy: 'team:9' })
    const audit = await db.prisma.auditEntry.findFirstOrThrow({ where: { target: `promo:${promo?.id}` } })
    expect(audit).toMatchObject({ action: 'promo.create', actorId: 9n })
    expect(audit.after).toMatchObject({ code: 'AUDITED', credits: 5, maxUses: 3, expiresAt: later(24).toISOString() })
  })

  test('takes no name that was used before, in whatever case', async () => {
    await newCode({ code: 'ONCE' })
    expect(await create({ code: 'once' })).toEqual({ status: 'taken' })
  })

  test.each<[string, Partial<NewPromoCode>]>([
    ['code', { code: 'AB' }],
    ['code', { code: 'with space' }],
    ['code', { code: 'x'.repeat(33) }],
    ['code', { code: 'ÄÖÜ' }],
    ['credits', { credits: 0 }],
    ['credits', { credits: -5 }],
    ['credits', { credits: 1.5 }],
    ['credits', { credits: 10_001 }],
    ['pass', { passSeconds: -1 }],
    ['uses', { maxUses: 0 }],
    ['end', { expiresAt: now }],
    ['end', { expiresAt: new Date(Number.NaN) }],
    ['life', { creditsLastDays: 0 }],
  ])('is refused for its %s: %j', async (what, given) => {
    expect(await create(given)).toEqual({ status: 'invalid', what })
  })

  test('is made, switched off and on by admins alone, and each time it is written down', async () => {
    expect(await create({}, 'agent')).toEqual({ status: 'forbidden' })
    const code = await newCode()
    const turn = (active: boolean, role: Role, name = code) =>
      switchPromoCode(db.prisma, { code: name, active, actor: actor(role) })
    expect(await turn(false, 'viewer')).toEqual({ status: 'forbidden' })
    expect(await turn(false, 'owner', code.toLowerCase())).toEqual({ status: 'switched' })
    expect(await turn(false, 'owner')).toEqual({ status: 'unchanged' })
    expect(await turn(true, 'owner')).toEqual({ status: 'switched' })
    expect(await turn(true, 'owner', 'NOBODY')).toEqual({ status: 'unknown' })
    const { id } = await db.prisma.promoCode.findUniqueOrThrow({ where: { code } })
    const audits = await db.prisma.auditEntry.findMany({ where: { target: `promo:${id}` }, orderBy: { id: 'asc' } })
    expect(audits.map(({ action }) => action)).toEqual(['promo.create', 'promo.off', 'promo.on'])
  })
})

test('the list shows every code once, newest first, page by page', async () => {
  for (let i = 0; i < 5; i += 1) await newCode()
  const seen: number[] = []
  let before: number | null = null
  do {
    const { promos, next } = await listPromoCodes(db.prisma, { before, limit: 2 })
    seen.push(...promos.map(({ id }) => id))
    before = next
  } while (before !== null)
  const all = await db.prisma.promoCode.findMany({ orderBy: { id: 'desc' } })
  expect(seen).toEqual(all.map(({ id }) => id))
})
