import type { Db } from '#core/db.ts'
import { DAY_MS } from '#core/durations.ts'
import { createSecret, hashSecret } from '#core/team/secret.ts'

export const LOGIN_TOKEN_LIFETIME_MS = 2 * 60_000

/** Used and expired tokens are kept a day, so that whoever clicks one is told what happened to it. */
const KEPT_AFTER_EXPIRY_MS = DAY_MS

export type LoginTokenOutcome = { status: 'created'; secret: string; expiresAt: Date } | { status: 'not-a-member' }

/**
 * Makes the secret of a one-time sign-in link (`/login?token=<secret>`), good for one sign-in within two minutes.
 * This is the only time the secret is seen; the database keeps its SHA-256. Members who are disabled get none.
 */
export async function createLoginToken(
  db: Db,
  { memberId, now }: { memberId: bigint; now: Date },
): Promise<LoginTokenOutcome> {
  const member = await db.teamMember.findFirst({ where: { id: memberId, disabledAt: null } })
  if (!member) return { status: 'not-a-member' }
  const secret = createSecret()
  const expiresAt = new Date(now.getTime() + LOGIN_TOKEN_LIFETIME_MS)
  await db.loginToken.deleteMany({ where: { expiresAt: { lt: new Date(now.getTime() - KEPT_AFTER_EXPIRY_MS) } } })
  await db.loginToken.create({ data: { tokenHash: hashSecret(secret), memberId, expiresAt, createdAt: now } })
  return { status: 'created', secret, expiresAt }
}
