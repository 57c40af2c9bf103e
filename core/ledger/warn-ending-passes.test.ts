import { afterAll, beforeAll, expect, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { warnEndingPasses } from '#core/ledger/warn-ending-passes.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

async function givePass(userId: bigint, seconds: number, ref: string) {
  await db.prisma.user.upsert({ where: { id: userId }, create: { id: userId, firstName: 'Ann' }, update: {} })
  await postEntry(db.prisma, { userId, kind: 'gift', ref, passSeconds: seconds, contra: 'promotions', actor: 'system' })
}
const noticesFor = (userId: bigint) => db.prisma.outboxItem.count({ where: { userId, purpose: 'notice' } })

test('a pass that is about to end is announced once, however often and from wherever one looks', async () => {
  await givePass(1n, 120, 'a')
  await givePass(2n, 3600, 'b')
  await Promise.all(Array.from({ length: 8 }, () => warnEndingPasses(db.prisma, { withinSeconds: 300 })))
  expect(await noticesFor(1n)).toBe(1)
  expect(await noticesFor(2n)).toBe(0)
})

test('an extended pass is announced again when its new end comes near', async () => {
  await givePass(3n, 60, 'c')
  await warnEndingPasses(db.prisma, { withinSeconds: 300 })
  await givePass(3n, 60, 'd')
  await warnEndingPasses(db.prisma, { withinSeconds: 300 })
  expect(await noticesFor(3n)).toBe(2)
})
