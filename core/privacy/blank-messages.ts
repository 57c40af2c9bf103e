import { moveBookmark, readBookmark } from '#core/bookmark.ts'
import { DAY_MS } from '#core/durations.ts'
import type { PrismaClient } from '#prisma'

/** Small enough that nobody waits for the locks. */
const BATCH = 1_000
const BOOKMARK = 'blank-old-messages'

/**
 * Empties what a user and the team wrote to each other up to a moment. The rows stay, without a body: they prove what
 * was charged. Returns how many were emptied.
 */
export async function blankMessagesOf(
  db: PrismaClient,
  { userId, until }: { userId: bigint; until: Date },
): Promise<number> {
  let blanked = 0
  let last = 0n
  for (;;) {
    const rows = await db.$queryRaw<{ id: bigint }[]>`
      UPDATE messages SET text = NULL, content = '{}'
      WHERE id IN (
        SELECT id FROM messages WHERE user_id = ${userId} AND id > ${last} AND created_at <= ${until}
        ORDER BY id LIMIT ${BATCH})
      RETURNING id`
    blanked += rows.length
    last = rows.reduce((highest, { id }) => (id > highest ? id : highest), last)
    if (rows.length < BATCH) return blanked
  }
}

/**
 * Empties the messages that are older than the retention time, in batches, each once: it goes on where it ended before.
 * What is still to be sent is kept until it is. Returns how many were emptied; `days` 0 keeps everything.
 */
export async function blankOldMessages(db: PrismaClient, { days, now }: { days: number; now: Date }): Promise<number> {
  if (days === 0) return 0
  const cutoff = new Date(now.getTime() - days * DAY_MS)
  const since = (await readBookmark(db, BOOKMARK)) ?? new Date(0)
  if (since >= cutoff) return 0
  const owed = await listOwedMessages(db, cutoff)
  let blanked = 0
  let last = 0n
  for (;;) {
    const rows = await db.$queryRaw<{ id: bigint }[]>`
      UPDATE messages SET text = NULL, content = '{}'
      WHERE id IN (
        SELECT id FROM messages
        WHERE created_at >= ${since} AND created_at < ${cutoff} AND id > ${last} AND id <> ALL (${owed.map(({ id }) => id)})
          AND (text IS NOT NULL OR content::text <> '{}')
        ORDER BY id LIMIT ${BATCH})
      RETURNING id`
    blanked += rows.length
    last = rows.reduce((highest, { id }) => (id > highest ? id : highest), last)
    if (rows.length < BATCH) break
  }
  await db.conversation.updateMany({
    where: { lastMessageAt: { gte: since, lt: cutoff }, preview: { not: null } },
    data: { preview: null },
  })
  const at = owed.reduce((oldest, { createdAt }) => (createdAt < oldest ? createdAt : oldest), cutoff)
  await moveBookmark(db, { name: BOOKMARK, at })
  return blanked
}

/** The messages before the cutoff that the outbox still has to send. */
async function listOwedMessages(db: PrismaClient, cutoff: Date): Promise<{ id: bigint; createdAt: Date }[]> {
  return db.$queryRaw`
    SELECT m.id, m.created_at AS "createdAt" FROM messages m
    WHERE m.created_at < ${cutoff} AND m.id IN (
      SELECT jsonb_array_elements_text(o.payload::jsonb -> 'messageIds')::bigint FROM outbox o
      WHERE o.state <> 'dead' AND o.purpose IN ('relay', 'reply'))`
}
