import type { Db } from '#core/db.ts'

/** How many people came by this user's link, and how many of them have bought something. */
export async function readInvitations(
  db: Db,
  { userId }: { userId: bigint },
): Promise<{ came: number; bought: number }> {
  const [came, bought] = await Promise.all([
    db.user.count({ where: { referredById: userId } }),
    db.user.count({ where: { referredById: userId, purchases: { gt: 0 } } }),
  ])
  return { came, bought }
}
