import type { Db } from '#core/db.ts'
import type { Member } from '#core/team/members.ts'
import { hashSecret } from '#core/team/secret.ts'

export type LoginTokenState = { status: 'valid'; member: Member } | { status: 'used' | 'expired' | 'unknown' }

/**
 * Tells whose sign-in link this is and whether it would still work. Changes nothing: chat programs open links to
 * preview them, and that must not use them up.
 */
export async function checkLoginToken(
  db: Db,
  { secret, now }: { secret: string; now: Date },
): Promise<LoginTokenState> {
  const token = await db.loginToken.findUnique({
    where: { tokenHash: hashSecret(secret) },
    include: { member: true },
  })
  if (!token || token.member.disabledAt) return { status: 'unknown' }
  if (token.usedAt) return { status: 'used' }
  if (token.expiresAt <= now) return { status: 'expired' }
  const { id, name, username, role } = token.member
  return { status: 'valid', member: { id, name, username, role } }
}
