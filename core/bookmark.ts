import type { PrismaClient } from '#prisma'

/** How far the recurring job of this name has come; null before its first time. */
export async function readBookmark(db: PrismaClient, name: string): Promise<Date | null> {
  return (await db.bookmark.findUnique({ where: { name } }))?.at ?? null
}

/** Moves it forward. Never back: another process may have come further. */
export async function moveBookmark(db: PrismaClient, { name, at }: { name: string; at: Date }): Promise<void> {
  await db.$executeRaw`
    INSERT INTO bookmarks (name, at) VALUES (${name}, ${at})
    ON CONFLICT (name) DO UPDATE SET at = greatest(bookmarks.at, excluded.at)`
}
