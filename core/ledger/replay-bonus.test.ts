import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BonusLeft, type BonusMovement, replayBonus } from '#core/ledger/replay-bonus.ts'
import type { LedgerKind } from '#prisma'

const day = (number: number) => new Date(Date.UTC(2026, 0, number))

let serial = 0n
const move = (kind: LedgerKind, bonusDelta: number, more: Partial<BonusMovement> = {}): BonusMovement => {
  serial += 1n
  return { entryId: serial, kind, ref: `${kind}:${serial}`, bonusDelta, expiresAt: null, ...more }
}
const lot = (credits: number, endsOnDay: number) => move('promo', credits, { expiresAt: day(endsOnDay) })
const spend = (credits: number, ref = `msg:${serial}`) => move('spend', -credits, { ref })
const release = (credits: number, ref: string) => move('release', credits, { ref })
const end = (of: BonusMovement, credits: number) => move('expiry', -credits, { ref: `lot:${of.entryId}` })

/** What is left by the day on which it ends. */
const summary = ({ lots, lasting }: BonusLeft) => ({
  lots: lots.map(({ expiresAt, left }) => [expiresAt.getUTCDate(), left]),
  lasting,
})
const left = (...movements: BonusMovement[]) => summary(replayBonus(movements))

describe('bonus credits', () => {
  test('are spent in the order in which they end, and those for ever last', () => {
    const given = [move('gift', 10), lot(5, 20), lot(5, 10)]
    expect(left(...given)).toEqual({
      lots: [
        [10, 5],
        [20, 5],
      ],
      lasting: 10,
    })
    expect(left(...given, spend(7))).toEqual({
      lots: [
        [10, 0],
        [20, 3],
      ],
      lasting: 10,
    })
    expect(left(...given, spend(7), spend(5))).toEqual({
      lots: [
        [10, 0],
        [20, 0],
      ],
      lasting: 8,
    })
  })

  test('that a refund or a withdrawn invitation takes are those that last longest', () => {
    const given = [move('bonus', 10), lot(5, 10), lot(5, 20)]
    expect(left(...given, move('refund', -12))).toEqual({
      lots: [
        [10, 5],
        [20, 3],
      ],
      lasting: 0,
    })
    expect(left(...given, move('referral', -4))).toEqual({
      lots: [
        [10, 5],
        [20, 5],
      ],
      lasting: 6,
    })
  })

  test('whose end is booked are gone, and only they', () => {
    const [first, second] = [lot(5, 10), lot(5, 20)]
    expect(left(first, second, spend(2), end(first, 3))).toEqual({ lots: [[20, 5]], lasting: 0 })
    const { ended } = replayBonus([first, second, spend(2), end(first, 1)])
    expect(ended).toEqual([{ entryId: first.entryId, left: 3, booked: 1 }])
  })

  test('of a charge that is given back go where they came from', () => {
    const given = [lot(5, 10), lot(5, 20), move('gift', 5)]
    expect(left(...given, spend(12, 'm'), release(12, 'm'))).toEqual({
      lots: [
        [10, 5],
        [20, 5],
      ],
      lasting: 5,
    })
  })

  test('of a charge that is given back after they ended stay for ever', () => {
    const first = lot(5, 10)
    expect(left(first, spend(4, 'm'), end(first, 1), release(4, 'm'))).toEqual({ lots: [], lasting: 4 })
  })

  test('that a dispute froze come back as they were, won or lost', () => {
    const given = [lot(5, 10), move('bonus', 5)]
    const freeze = move('dispute', -7, { ref: 'du_1' })
    const expected = { lots: [[10, 5]], lasting: 5 }
    expect(left(...given, freeze, move('dispute_won', 7, { ref: 'du_1' }))).toEqual(expected)
    expect(left(...given, freeze, move('dispute', 7, { ref: 'du_1:lost' }))).toEqual(expected)
  })

  test('that were taken with an invitation come back as they were', () => {
    const given = [lot(5, 10), lot(5, 20)]
    const withdrawn = move('referral', -7, { ref: 'referrer:2:withdrawn' })
    const restored = move('referral', 7, { ref: 'referrer:2:withdrawn:restored' })
    expect(left(...given, withdrawn, restored)).toEqual(left(...given))
  })

  test('cannot be taken where there are none', () => {
    expect(() => left(lot(5, 10), spend(6))).toThrow('takes 1 bonus credits more')
  })
})

/** One credit, as somebody would keep it in a purse. */
interface Coin {
  lotId: bigint | null
  endsAt: number
}

/** The same rules with single coins: nothing is summed up, so nothing can be summed up wrongly. */
class Purse {
  private coins: Coin[] = []
  private ended = new Set<bigint>()
  private handedOut = new Map<string, Coin[]>()

  get size(): number {
    return this.coins.length
  }

  countOf(lotId: bigint | null): number {
    return this.coins.filter((coin) => coin.lotId === lotId).length
  }

  give(count: number, coin: Coin): void {
    for (let i = 0; i < count; i += 1) this.coins.push(coin)
  }

  take(count: number, ref: string, longestFirst: boolean): void {
    const direction = longestFirst ? -1 : 1
    this.coins.sort((a, b) => direction * (a.endsAt - b.endsAt || Number((a.lotId ?? 0n) - (b.lotId ?? 0n))))
    this.handedOut.set(ref, this.coins.splice(0, count))
  }

  takeBack(ref: string): number {
    const coins = this.handedOut.get(ref) ?? []
    this.handedOut.delete(ref)
    for (const coin of coins) {
      const hasEnded = coin.lotId !== null && this.ended.has(coin.lotId)
      this.coins.push(hasEnded ? { lotId: null, endsAt: Number.POSITIVE_INFINITY } : coin)
    }
    return coins.length
  }

  end(lotId: bigint): number {
    const count = this.countOf(lotId)
    this.coins = this.coins.filter((coin) => coin.lotId !== lotId)
    this.ended.add(lotId)
    return count
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('lot' as const),
      credits: fc.integer({ min: 1, max: 9 }),
      day: fc.integer({ min: 1, max: 6 }),
    }),
    fc.record({ do: fc.constant('gift' as const), credits: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ do: fc.constantFrom('spend' as const, 'refund' as const), credits: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ do: fc.constant('release' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('end' as const), which: fc.nat(3) }),
  ),
  { maxLength: 40 },
)

test('whatever happens, each lot holds as many credits as if they had been coins', () => {
  fc.assert(
    fc.property(steps, (story) => {
      const purse = new Purse()
      const movements: BonusMovement[] = []
      const open: bigint[] = []
      const charges: string[] = []
      for (const step of story) {
        if (step.do === 'lot') {
          const given = lot(step.credits, step.day)
          movements.push(given)
          open.push(given.entryId)
          purse.give(step.credits, { lotId: given.entryId, endsAt: day(step.day).getTime() })
        } else if (step.do === 'gift') {
          movements.push(move('gift', step.credits))
          purse.give(step.credits, { lotId: null, endsAt: Number.POSITIVE_INFINITY })
        } else if (step.do === 'release') {
          const [ref] = charges.splice(step.which, 1)
          if (ref !== undefined) movements.push(release(purse.takeBack(ref), ref))
        } else if (step.do === 'end') {
          const [lotId] = open.splice(step.which, 1)
          if (lotId !== undefined) movements.push(move('expiry', 0 - purse.end(lotId), { ref: `lot:${lotId}` }))
        } else {
          const credits = Math.min(step.credits, purse.size)
          if (credits === 0) continue
          const taking = move(step.do, -credits)
          movements.push(taking)
          if (step.do === 'spend') charges.push(taking.ref)
          purse.take(credits, taking.ref, step.do === 'refund')
        }
      }
      const result = replayBonus(movements)
      const held = new Map(result.lots.map(({ entryId, left: rest }) => [entryId, rest]))
      expect(held).toEqual(new Map(open.map((lotId) => [lotId, purse.countOf(lotId)])))
      expect(result.lasting).toBe(purse.countOf(null))
      expect(result.ended.every(({ left: rest, booked }) => rest === booked)).toBe(true)
    }),
    { numRuns: 500 },
  )
})
