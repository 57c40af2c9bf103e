import { Prisma } from '#prisma'

/** Of the rows `m` of messages, those that stand for a message: an album is one, told by its first part. */
export const isWholeMessage = Prisma.sql`(
  m.album_id IS NULL OR m.id = (
    SELECT min(part.id) FROM messages part WHERE part.user_id = m.user_id AND part.album_id = m.album_id))`

/** What such a row is; `album` for one. */
export const kindOfWhole = Prisma.sql`CASE WHEN m.album_id IS NULL THEN m.kind ELSE 'album' END`

/** What such a row says, which may stand on any part of an album. */
export const textOfWhole = Prisma.sql`coalesce(m.text, (
  SELECT part.text FROM messages part
  WHERE part.user_id = m.user_id AND part.album_id = m.album_id AND part.text IS NOT NULL ORDER BY part.id LIMIT 1))`
