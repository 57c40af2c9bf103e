import type { Db } from '#core/db.ts'
import type { Prisma, Role } from '#prisma'

/** Whoever does something privileged. `id` is null for an admin who writes anonymously, as the group. */
export interface Actor {
  id: bigint | null
  name: string
  role: Role
}

interface Act {
  actor: Actor
  /** `noun.verb`, such as `user.ban`. */
  action: string
  /** `noun:id`, such as `user:42`. */
  target: string
  before?: Prisma.InputJsonValue
  after?: Prisma.InputJsonValue
  reason?: string
}

/**
 * Writes down who did what. Call it in the transaction of the act itself, so that there is never one without the
 * other; the database refuses to change or delete what was written.
 */
export async function recordAudit(tx: Db, { actor, action, target, before, after, reason }: Act): Promise<void> {
  await tx.auditEntry.create({
    data: { actorId: actor.id, actor: actor.name, role: actor.role, action, target, before, after, reason },
  })
}
