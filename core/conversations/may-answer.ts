import type { Db } from '#core/db.ts'

/**
 * Whether somebody in the team's group may speak to users. Being in that private group is enough, unless the team's list
 * says otherwise: viewers only read, and members who were disabled do nothing.
 */
export async function mayAnswer(db: Db, { id }: { id: bigint }): Promise<boolean> {
  const member = await db.teamMember.findUnique({ where: { id }, select: { role: true, disabledAt: true } })
  return member === null || (member.disabledAt === null && member.role !== 'viewer')
}
