import 'server-only'
import { z } from 'zod'
import type { Db } from '#core/db.ts'

const factsSchema = z.looseObject({ username: z.string().regex(/^\w{3,40}$/) })

/** The address of the bot's chat, from what the bot last told about itself; null while it never ran. */
export async function findBotLink(db: Db): Promise<string | null> {
  const heartbeat = await db.heartbeat.findFirst({ where: { process: 'bot' }, orderBy: { seenAt: 'desc' } })
  const facts = factsSchema.safeParse(heartbeat?.facts)
  return facts.success ? `https://t.me/${facts.data.username}` : null
}
