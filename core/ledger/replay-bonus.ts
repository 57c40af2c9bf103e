import type { LedgerKind } from '#prisma'

/** A ledger entry that moved bonus credits. */
export interface BonusMovement {
  entryId: bigint
  kind: LedgerKind
  ref: string
  bonusDelta: number
  /** When the bonus credits that came with it end; null when they do not. */
  expiresAt: Date | null
}

/** Bonus credits that end; `left` of them are not spent. */
export interface Lot {
  entryId: bigint
  expiresAt: Date
  left: number
}

export interface BonusLeft {
  /** The lots whose expiry is not booked, in the order in which they are spent: what ends first comes first. */
  lots: Lot[]
  /** Bonus credits that do not end. */
  lasting: number
  /** The lots whose expiry is booked: what was left of each at that moment, and how much the entry took. */
  ended: { entryId: bigint; left: number; booked: number }[]
}

/** Where credits were taken from: a lot, or null for those that do not end. */
type Portion = { lot: Lot | null; credits: number }

/**
 * What is left of a user's bonus credits, and until when, told from all their bonus movements in order. No clock enters:
 * a lot can be spent until its expiry is booked.
 *
 * - Spending takes what ends first, and what does not end last.
 * - What a refund, a dispute or a withdrawn invitation takes back comes out of what lasts longest first, so that giving
 *   a purchase back never makes credits live longer.
 * - A charge that is given back fills the lots that it came from. Where such a lot has ended meanwhile, its credits stay
 *   for ever: that the message could not be opened was not the user's fault.
 *
 * Throws when more is taken than is there, which the account's bounds rule out.
 */
export function replayBonus(movements: readonly BonusMovement[]): BonusLeft {
  const state: State = { lots: [], lasting: 0, ended: [], taken: new Map() }
  for (const movement of movements) {
    if (movement.bonusDelta > 0) give(state, movement)
    else take(state, movement)
  }
  const { lots, lasting, ended } = state
  return { lots, lasting, ended }
}

interface State extends BonusLeft {
  /** Where each charge took its credits from, by kind and reference. */
  taken: Map<string, Portion[]>
}

function give(state: State, movement: BonusMovement): void {
  const { entryId, kind, ref, bonusDelta, expiresAt } = movement
  if (expiresAt) {
    state.lots.push({ entryId, expiresAt, left: bonusDelta })
    state.lots.sort(byEnd)
    return
  }
  let rest = bonusDelta
  for (const { lot, credits } of state.taken.get(whatIsUndone(kind, ref)) ?? []) {
    if (!lot || !state.lots.includes(lot)) continue
    const back = Math.min(credits, rest)
    lot.left += back
    rest -= back
  }
  state.lasting += rest
}

function take(state: State, { kind, ref, bonusDelta, entryId }: BonusMovement): void {
  if (kind === 'expiry') return end(state, ref, 0 - bonusDelta)
  const lots: (Lot | null)[] = [...state.lots, null]
  if (takesBack(kind)) lots.reverse()
  const portions: Portion[] = []
  let rest = -bonusDelta
  for (const lot of lots) {
    const credits = Math.min(rest, lot ? lot.left : state.lasting)
    if (credits === 0) continue
    if (lot) lot.left -= credits
    else state.lasting -= credits
    rest -= credits
    portions.push({ lot, credits })
  }
  if (rest > 0) throw new Error(`Entry ${entryId} takes ${rest} bonus credits more than there were`)
  state.taken.set(`${kind}:${ref}`, portions)
}

function end(state: State, ref: string, booked: number): void {
  const lot = state.lots.find(({ entryId }) => `lot:${entryId}` === ref)
  if (!lot) return
  state.lots = state.lots.filter((other) => other !== lot)
  state.ended.push({ entryId: lot.entryId, left: lot.left, booked })
}

/** The key of the taking that a giving back undoes: the two share their reference. */
function whatIsUndone(kind: LedgerKind, ref: string): string {
  if (kind === 'release') return `spend:${ref}`
  if (kind === 'referral') return `referral:${ref.replace(/:restored$/, '')}`
  // What a dispute froze comes back when it was won, and also when it was lost, right before the refund takes it.
  return `dispute:${ref.replace(/:lost$/, '')}`
}

function takesBack(kind: LedgerKind): boolean {
  return kind === 'refund' || kind === 'dispute' || kind === 'referral'
}

function byEnd(a: Lot, b: Lot): number {
  return a.expiresAt.getTime() - b.expiresAt.getTime() || (a.entryId < b.entryId ? -1 : 1)
}
