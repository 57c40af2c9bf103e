import type { Db } from '#core/db.ts'
import type { Role } from '#prisma'

export interface Member {
  id: bigint
  name: string
  username: string | null
  role: Role
}

/** A team member who may act now; null for strangers and for members who were disabled. */
export async function findMember(db: Db, { id }: { id: bigint }): Promise<Member | null> {
  return db.teamMember.findFirst({
    where: { id, disabledAt: null },
    select: { id: true, name: true, username: true, role: true },
  })
}

/**
 * Makes the people named in the configuration owners, enabled again if they were not. The configuration is stronger
 * than the database, so that nobody can lock the owner out; taking an id out of it takes nothing from the member.
 */
export async function ensureOwners(db: Db, { ids }: { ids: readonly bigint[] }): Promise<void> {
  for (const id of ids) {
    await db.teamMember.upsert({
      where: { id },
      create: { id, name: `Owner ${id}`, role: 'owner' },
      update: { role: 'owner', disabledAt: null },
    })
  }
}

/** Keeps a member's name as Telegram shows it now. Does nothing for somebody who is not a member. */
export async function rememberMemberName(
  db: Db,
  { id, name, username }: { id: bigint; name: string; username: string | null },
): Promise<void> {
  await db.teamMember.updateMany({ where: { id }, data: { name, username } })
}
