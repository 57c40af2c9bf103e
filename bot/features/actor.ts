import type { Context } from 'grammy'
import type { BotServices } from '#bot/context.ts'
import type { Actor } from '#core/audit/record-audit.ts'
import { findMember } from '#core/team/members.ts'
import { hasRole } from '#core/team/roles.ts'
import type { Role } from '#prisma'

/** Whoever acts, as the audit knows them; null when they are no team member or their role is too low. */
export async function actorFor(ctx: Context & { services: BotServices }, atLeast: Role): Promise<Actor | null> {
  if (!ctx.from) return null
  const member = await findMember(ctx.services.database.prisma, { id: BigInt(ctx.from.id) })
  if (!member || !hasRole(member.role, atLeast)) return null
  return { id: member.id, name: member.name, role: member.role }
}
