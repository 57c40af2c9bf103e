import { z } from 'zod'
import type { Db } from '#core/db.ts'
import { HOUR_MS } from '#core/durations.ts'

/** What the bot tells about itself. */
const botFactsSchema = z.object({
  /** Whether this process holds the leadership, and with it the right to poll. */
  leader: z.boolean(),
  polling: z.boolean(),
  /** When Telegram last answered a poll, also with nothing. */
  lastPollAt: z.iso.datetime().nullable(),
  /** Updates taken but not finished. */
  buffered: z.number().int().min(0),
  /** Where people write to the bot: https://t.me/<username>, or the sandbox's phone. */
  chatUrl: z.url().optional(),
  /** Whether the bot can see its admin group. */
  groupConnected: z.boolean().optional(),
})

export type BotFacts = z.infer<typeof botFactsSchema>

export interface Beat {
  /** One per process start. */
  id: string
  startedAt: Date
  now: Date
  facts: BotFacts
}

/** Rows of processes that ended without saying so are forgotten after this. */
const FORGOTTEN_AFTER_MS = HOUR_MS

/** Says that a bot process lives and what it is doing; call it every few seconds. */
export async function beat(db: Db, { id, startedAt, now, facts }: Beat): Promise<void> {
  const row = { process: 'bot', startedAt, seenAt: now, facts: botFactsSchema.parse(facts) }
  await db.heartbeat.upsert({ where: { id }, create: { id, ...row }, update: row })
  await db.heartbeat.deleteMany({ where: { seenAt: { lt: new Date(now.getTime() - FORGOTTEN_AFTER_MS) } } })
}

/** Says that a process has ended in order, so that nobody waits for its next beat. */
export async function endBeat(db: Db, { id }: { id: string }): Promise<void> {
  await db.heartbeat.deleteMany({ where: { id } })
}

/** The facts of every bot process that was alive within the last `withinMs`, the leader first, then the latest. */
export async function listBotFacts(
  db: Db,
  { now, withinMs }: { now: Date; withinMs: number },
): Promise<{ seenAt: Date; facts: BotFacts }[]> {
  const rows = await db.heartbeat.findMany({
    where: { process: 'bot', seenAt: { gte: new Date(now.getTime() - withinMs) } },
    orderBy: { seenAt: 'desc' },
  })
  const known = rows.flatMap(({ seenAt, facts }) => {
    const parsed = botFactsSchema.safeParse(facts)
    return parsed.success ? [{ seenAt, facts: parsed.data }] : []
  })
  return known.sort((a, b) => Number(b.facts.leader) - Number(a.facts.leader))
}
