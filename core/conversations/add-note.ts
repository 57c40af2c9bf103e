import type { Db } from '#core/db.ts'
import { notify } from '#core/live/notify.ts'

/** Keeps a remark about a user for the team. It never reaches the user. */
export async function addNote(
  db: Db,
  {
    userId,
    text,
    author,
    now,
  }: { userId: bigint; text: string; author: { id: bigint | null; name: string }; now: Date },
): Promise<void> {
  await db.note.create({ data: { userId, text, authorId: author.id, authorName: author.name, createdAt: now } })
  await db.conversation.updateMany({ where: { userId, cardDirtyAt: null }, data: { cardDirtyAt: now } })
  await notify(db, 'live')
}
