import { type BatchLoader, createBatchLoader } from '#bot/workers/outbox/loader.ts'
import type { Sql } from '#core/db.ts'
import type { OutboxMessage } from '#core/outbox/claim-items.ts'
import {
  type Person,
  readFullCredits,
  readOutboxMessages,
  readPeople,
  readRechargeThresholds,
} from '#core/outbox/read-outbox-facts.ts'

const KEEP_MS = 5_000
const MOST_KEPT = 20_000

/** What the senders look up, in batches. */
export interface OutboxFacts {
  messages: BatchLoader<OutboxMessage>
  /** The person as of now. */
  freshPerson(userId: string): Promise<Person | undefined>
  /** The person as of a few seconds ago at most, unless forgotten since. */
  person(userId: string): Person | Promise<Person | undefined>
  forgetPerson(userId: string): void
  fullCredits(userId: string, credits: number): Promise<number>
  /** At how many credits or fewer auto-recharge buys by itself; undefined when nothing would. */
  rechargeThresholds: BatchLoader<number>
}

/** Look-ups for the senders. People are kept for a few seconds so that a busy topic costs no query per message. */
export function createOutboxFacts(sql: Sql): OutboxFacts {
  const people = createBatchLoader((ids) => readPeople(sql, ids))
  const incomes = createBatchLoader((ids) => readFullCredits(sql, ids))
  const kept = new Map<string, { person: Person; until: number }>()
  const full = new Map<string, number>()

  async function freshPerson(userId: string) {
    const person = await people.load(userId)
    if (person) keep(kept, userId, { person, until: performance.now() + KEEP_MS })
    return person
  }

  return {
    rechargeThresholds: createBatchLoader((ids) => readRechargeThresholds(sql, ids)),
    messages: createBatchLoader((ids) => readOutboxMessages(sql, ids)),
    freshPerson,
    person(userId) {
      const known = kept.get(userId)
      return known && known.until > performance.now() ? known.person : freshPerson(userId)
    },
    forgetPerson: (userId) => kept.delete(userId),
    async fullCredits(userId, credits) {
      // A balance only falls until credits come in, and then it is above what was full before or the bar starts anew.
      const known = full.get(userId)
      if (known !== undefined && known >= credits) return known
      const income = Math.max((await incomes.load(userId)) ?? 0, credits)
      keep(full, userId, income)
      return income
    },
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MOST_KEPT) return
  const oldest = map.keys().next().value
  if (oldest !== undefined) map.delete(oldest)
}
