import type { Context } from 'grammy'
import type { BotServices } from '#bot/context.ts'
import type { Actor } from '#core/audit/record-audit.ts'
import { findMember, rememberMemberName } from '#core/team/members.ts'
import { hasRole } from '#core/team/roles.ts'
import type { Role } from '#prisma'

/** Whoever acts, as the audit knows them; null when they are no team member or their role is too low. */
export async function actorFor(ctx: Context & { services: BotServices }, atLeast: Role): Promise<Actor | null> {
  if (!ctx.from) return null
  const { prisma } = ctx.services.database
  const { first_name: name, username = null } = ctx.from
  const member = await findMember(prisma, { id: BigInt(ctx.from.id) })
  if (!member || !hasRole(member.role, atLeast)) return null
  // Owners are configured by their number; whoever acts shows their name.
  if (member.name !== name || member.username !== username) {
    await rememberMemberName(prisma, { id: member.id, name, username })
  }
  return { id: member.id, name, role: member.role }
}
