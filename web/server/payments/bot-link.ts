import 'server-only'
import type { Db } from '#core/db.ts'
import { HOUR_MS } from '#core/durations.ts'
import { listBotFacts } from '#core/health/heartbeat.ts'

/** A bot that was restarted a moment ago still has its chat. */
const REMEMBERED_MS = HOUR_MS

/** The address of the bot's chat, as the bot told it; null when it has not run for a while. */
export async function findBotLink(db: Db, { now }: { now: Date }): Promise<string | null> {
  const bots = await listBotFacts(db, { now, withinMs: REMEMBERED_MS })
  return bots.find(({ facts }) => facts.chatUrl !== undefined)?.facts.chatUrl ?? null
}
