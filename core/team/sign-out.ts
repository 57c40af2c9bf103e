import { recordAudit } from '#core/audit/record-audit.ts'
import { notify } from '#core/live/notify.ts'
import type { Session } from '#core/team/find-session.ts'
import type { Prisma, PrismaClient } from '#prisma'

/** Ends one session. Ending it again changes nothing and is not audited twice. */
export async function signOut(
  prisma: PrismaClient,
  { session, now }: { session: Session; now: Date },
): Promise<{ status: 'signed-out' | 'unchanged' }> {
  const ended = await revoke(prisma, { where: { id: session.id }, action: 'session.sign-out', session, now })
  return { status: ended > 0 ? 'signed-out' : 'unchanged' }
}

/** Ends every session of the member, this one included, and returns how many there were. */
export async function signOutEverywhere(
  prisma: PrismaClient,
  { session, now }: { session: Session; now: Date },
): Promise<{ ended: number }> {
  const where = { memberId: session.member.id, expiresAt: { gt: now } }
  return { ended: await revoke(prisma, { where, action: 'session.sign-out-everywhere', session, now }) }
}

interface Revocation {
  where: Prisma.WebSessionWhereInput
  action: string
  session: Session
  now: Date
}

async function revoke(prisma: PrismaClient, { where, action, session, now }: Revocation): Promise<number> {
  const { member } = session
  return prisma.$transaction(async (tx) => {
    const { count } = await tx.webSession.updateMany({ where: { ...where, revokedAt: null }, data: { revokedAt: now } })
    if (count === 0) return 0
    await recordAudit(tx, { actor: member, action, target: `member:${member.id}`, after: { sessions: count } })
    // Open event streams look at their session again and close.
    await notify(tx, 'live')
    return count
  })
}
