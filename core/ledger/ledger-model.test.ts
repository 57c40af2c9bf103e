import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AcceptOutcome, acceptMessages, type IncomingMessage } from '#core/conversations/accept-messages.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { settingsSchema } from '#core/settings/settings.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const settings = settingsSchema.parse({})
const kinds = ['text', 'photo', 'voice', 'sticker', 'animation', 'document', 'dice'] as const
type Kind = (typeof kinds)[number]

/** What people do; small numbers on purpose, so that repeats and empty accounts happen all the time. */
type Step =
  | { do: 'buy'; ref: number; paid: number; bonus: number }
  | { do: 'pass'; ref: number; seconds: number }
  | { do: 'write'; messageId: number; kind: Kind }

const buy: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('buy' as const),
  ref: fc.integer({ min: 1, max: 6 }),
  paid: fc.integer({ min: 0, max: 8 }),
  bonus: fc.integer({ min: 0, max: 4 }),
})
const pass: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('pass' as const),
  ref: fc.integer({ min: 1, max: 3 }),
  seconds: fc.constantFrom(3600, 7200),
})
const write: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('write' as const),
  messageId: fc.integer({ min: 1, max: 20 }),
  kind: fc.constantFrom(...kinds),
})
// With a pass nothing costs anything any more, so most people get none, or late.
const step = fc.oneof({ weight: 8, arbitrary: buy }, { weight: 24, arbitrary: write }, { weight: 1, arbitrary: pass })

/** The rules as one would tell them, on one sheet: what the database does must look like this. */
class Model {
  paid = 0
  bonus = 0
  hasPass = false
  private readonly booked = new Set<string>()
  private readonly written = new Set<number>()

  apply(step: Step): string {
    switch (step.do) {
      case 'buy':
        return this.once(`buy:${step.ref}`, () => {
          this.paid += step.paid
          this.bonus += step.bonus
        })
      case 'pass':
        return this.once(`pass:${step.ref}`, () => {
          this.hasPass = true
        })
      case 'write':
        return this.write(step.messageId, this.hasPass ? 0 : this.priceOf(step.kind))
    }
  }

  private once(key: string, book: () => void): string {
    if (this.booked.has(key)) return 'duplicate'
    this.booked.add(key)
    book()
    return 'posted'
  }

  private write(messageId: number, price: number): string {
    if (this.written.has(messageId)) return 'duplicate'
    if (this.paid + this.bonus < price) return 'insufficient'
    this.written.add(messageId)
    const fromBonus = Math.min(this.bonus, price)
    this.bonus -= fromBonus
    this.paid -= price - fromBonus
    return 'accepted'
  }

  private priceOf(kind: Kind): number {
    const costs: Record<string, number> = settings.messageCosts
    return costs[kind] ?? settings.messageCosts.other
  }
}

let nextUser = 5_000

async function perform(userId: number, action: Step): Promise<string> {
  if (action.do === 'write') return (await send(userId, action)).status
  const isPass = action.do === 'pass'
  const { status } = await postEntry(db.prisma, {
    userId: BigInt(userId),
    kind: isPass ? 'gift' : 'purchase',
    ref: `${action.do}:${userId}:${action.ref}`,
    paidDelta: isPass ? 0 : action.paid,
    bonusDelta: isPass ? 0 : action.bonus,
    passSeconds: isPass ? action.seconds : 0,
    contra: 'sales',
    actor: 'test',
  })
  return status
}

async function send(userId: number, { messageId, kind }: { messageId: number; kind: Kind }): Promise<AcceptOutcome> {
  const message: IncomingMessage = {
    userId,
    firstName: 'Ann',
    lastName: null,
    username: null,
    languageCode: null,
    albumId: null,
    preview: kind,
    parts: [{ messageId, kind, text: null, content: {} }],
    updateIds: [],
  }
  const [outcome] = await acceptMessages(db.pool, [message], { botId: 1, settings, owner: null, leaseSeconds: 15 })
  if (!outcome) throw new Error('no outcome')
  return outcome
}

async function newUser(): Promise<number> {
  const id = nextUser++
  await db.prisma.user.create({ data: { id: BigInt(id), firstName: 'Ann' } })
  return id
}

test('whatever people do one after the other, every answer and the balance are as the rules say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const userId = await newUser()
      const model = new Model()
      for (const action of steps) {
        const expected = model.apply(action)
        expect(await perform(userId, action), JSON.stringify(action)).toBe(expected)
      }
      const account = await db.prisma.account.findUnique({ where: { userId: BigInt(userId) } })
      expect({ paid: account?.paid ?? 0, bonus: account?.bonus ?? 0 }).toEqual({ paid: model.paid, bonus: model.bonus })
    }),
    { numRuns: 40 },
  )
  expect(await verifyLedger(db.pool)).toEqual([])
})

test('whatever people do at the same moment, the ledger stays sound and nothing is charged twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const userId = await newUser()
      const results = await Promise.all(steps.map((action) => perform(userId, action)))
      const acceptedIds = steps.flatMap((action, index) =>
        action.do === 'write' && results[index] === 'accepted' ? [action.messageId] : [],
      )
      expect(new Set(acceptedIds).size).toBe(acceptedIds.length)
      expect(await db.prisma.message.count({ where: { userId: BigInt(userId) } })).toBe(acceptedIds.length)
    }),
    { numRuns: 25 },
  )
  expect(await verifyLedger(db.pool)).toEqual([])
})
