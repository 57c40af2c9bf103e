import type { Db } from '#core/db.ts'

/** Everybody who may act for the team now, by Telegram user id. */
export async function listMemberIds(db: Db): Promise<bigint[]> {
  const members = await db.teamMember.findMany({
    where: { disabledAt: null },
    select: { id: true },
    orderBy: { id: 'asc' },
  })
  return members.map(({ id }) => id)
}
