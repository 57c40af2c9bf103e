import { recordAudit } from '#core/audit/record-audit.ts'
import { DAY_MS } from '#core/durations.ts'
import { createSecret, hashSecret } from '#core/team/secret.ts'
import type { PrismaClient } from '#prisma'

export const SESSION_LIFETIME_MS = 30 * DAY_MS
const USER_AGENT_MAX_LENGTH = 300

export type SignInOutcome = { status: 'signed-in'; sessionId: string; memberId: bigint } | { status: 'refused' }

/**
 * Trades the secret of a one-time link for a session. However many try at once, a link makes one session: the row is
 * claimed by a single conditional update. Session and audit row commit with the claim.
 */
export async function signIn(
  prisma: PrismaClient,
  { secret, userAgent, now }: { secret: string; userAgent: string | null; now: Date },
): Promise<SignInOutcome> {
  const tokenHash = hashSecret(secret)
  return prisma.$transaction(async (tx) => {
    const { count } = await tx.loginToken.updateMany({
      where: { tokenHash, usedAt: null, expiresAt: { gt: now } },
      data: { usedAt: now },
    })
    if (count !== 1) return { status: 'refused' }
    const { member } = await tx.loginToken.findUniqueOrThrow({ where: { tokenHash }, include: { member: true } })
    if (member.disabledAt) return { status: 'refused' }
    const session = await tx.webSession.create({
      data: {
        id: createSecret(),
        memberId: member.id,
        userAgent: userAgent?.slice(0, USER_AGENT_MAX_LENGTH) ?? null,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + SESSION_LIFETIME_MS),
      },
    })
    await recordAudit(tx, { actor: member, action: 'session.sign-in', target: `member:${member.id}` })
    return { status: 'signed-in', sessionId: session.id, memberId: member.id }
  })
}
