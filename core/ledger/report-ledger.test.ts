import { expect, onTestFinished, test } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { reportLedger } from '#core/ledger/report-ledger.ts'
import { createTestDatabase } from '#testing/database.ts'

test('the team hears of books that do not add up once, until they do again', async () => {
  const db = await createTestDatabase()
  onTestFinished(() => db.close())
  await db.prisma.user.create({ data: { id: 1n, firstName: 'Ann' } })
  await postEntry(db.prisma, {
    userId: 1n,
    kind: 'gift',
    ref: 'start:1',
    paidDelta: 5,
    contra: 'promotions',
    actor: 'system',
  })
  const alerts = () => db.prisma.alert.findMany({ where: { key: 'ledger', resolvedAt: null } })
  const bookPaid = (paid: number) => db.pool.query('UPDATE accounts SET paid = $1', [paid])
  await reportLedger(db)
  expect(await alerts()).toEqual([])
  await bookPaid(6)
  await reportLedger(db)
  await reportLedger(db)
  expect(await alerts()).toMatchObject([{ count: 2 }])
  expect(await db.prisma.outboxItem.count()).toBe(1)
  await bookPaid(5)
  await reportLedger(db)
  expect(await alerts()).toEqual([])
})
