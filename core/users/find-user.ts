import type { Db } from '#core/db.ts'
import type { User } from '#prisma'

/** The person with this Telegram id, if they ever wrote to the bot. */
export async function findUser(db: Db, { userId }: { userId: bigint }): Promise<User | null> {
  return db.user.findUnique({ where: { id: userId } })
}
