import type { Db } from '#core/db.ts'
import type { Note } from '#prisma'

/** The newest notes about a user, newest first. */
export async function listNotes(db: Db, { userId, limit }: { userId: bigint; limit: number }): Promise<Note[]> {
  return db.note.findMany({ where: { userId }, orderBy: { id: 'desc' }, take: limit })
}
