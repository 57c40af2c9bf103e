import { DAY_MS, HOUR_MS } from '#core/durations.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { notify } from '#core/live/notify.ts'
import { normalizeCode } from '#core/promotions/promo-code.ts'
import type { Prisma, PrismaClient, PromoCode } from '#prisma'

type Tx = Prisma.TransactionClient

export type Redeemed =
  | {
      status: 'redeemed'
      code: string
      credits: number
      passSeconds: number
      /** Credits after it, debt subtracted. */
      balance: number
      passUntil: Date | null
      /** When the credits end; null when they do not. */
      creditsUntil: Date | null
    }
  | { status: 'unknown' }
  | { status: 'expired' }
  | { status: 'used_up' }
  | { status: 'already_used' }
  | { status: 'banned' }
  /** Too many codes that do not exist; not even a good one is taken now. */
  | { status: 'too_many_tries' }

/** How many codes that do not exist one person may try in an hour. */
export const WRONG_CODES_PER_HOUR = 10

/** Many people redeem the same code at the same moment, one after the other. */
const patience = { maxWait: 10_000, timeout: 15_000 } as const

/**
 * Redeems a promo code for a user who is known: bonus credits, pass time or both. A code works once per user and as
 * often as its limit says, however many ask at once. Throws for an unknown user.
 */
export async function redeemPromoCode(
  prisma: PrismaClient,
  { userId, code: typed, now }: { userId: bigint; code: string; now: Date },
): Promise<Redeemed> {
  return prisma.$transaction(async (tx) => {
    // One redemption at a time per user. Not by the row of the user, which many other things lock.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`redeem:${userId}`}, 0))`
    const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { bannedAt: true } })
    if (user.bannedAt) return { status: 'banned' }
    const anHourAgo = new Date(now.getTime() - HOUR_MS)
    const tries = await tx.promoGuess.count({ where: { userId, createdAt: { gt: anHourAgo } } })
    if (tries >= WRONG_CODES_PER_HOUR) return { status: 'too_many_tries' }
    const promo = await tx.promoCode.findUnique({ where: { code: normalizeCode(typed) } })
    if (!promo) {
      await tx.promoGuess.deleteMany({ where: { userId, createdAt: { lte: anHourAgo } } })
      await tx.promoGuess.create({ data: { userId, createdAt: now } })
      return { status: 'unknown' }
    }
    return redeem(tx, { promo, userId, now })
  }, patience)
}

async function redeem(
  tx: Tx,
  { promo, userId, now }: { promo: PromoCode; userId: bigint; now: Date },
): Promise<Redeemed> {
  const key = { promoId: promo.id, userId }
  if (await tx.promoRedemption.findUnique({ where: { promoId_userId: key } })) return { status: 'already_used' }
  // The check and the count are one statement: of those who race for the last use, one finds it.
  const won = await tx.$executeRaw`
    UPDATE promo_codes SET uses = uses + 1
    WHERE id = ${promo.id} AND active AND (expires_at IS NULL OR expires_at > ${now})
      AND (max_uses IS NULL OR uses < max_uses)`
  if (won === 0) return { status: hasEnded(promo, now) ? 'expired' : 'used_up' }
  await tx.promoRedemption.create({ data: { ...key, createdAt: now } })
  return book(tx, { promo, userId, now })
}

async function book(
  tx: Tx,
  { promo, userId, now }: { promo: PromoCode; userId: bigint; now: Date },
): Promise<Redeemed> {
  const { code, credits, passSeconds, creditsLastDays } = promo
  const creditsUntil = credits > 0 && creditsLastDays ? new Date(now.getTime() + creditsLastDays * DAY_MS) : null
  const posted = await postEntry(tx, {
    userId,
    kind: 'promo',
    ref: `promo:${promo.id}:${userId}`,
    bonusDelta: credits,
    bonusExpiresAt: creditsUntil,
    passSeconds,
    contra: 'promotions',
    actor: 'user',
    reason: code,
  })
  if (posted.status === 'duplicate') throw new Error(`Promo ${promo.id} of user ${userId} is in the ledger already`)
  await notify(tx, 'live')
  const { balance, passUntil } = posted
  return { status: 'redeemed', code, credits, passSeconds, balance, passUntil, creditsUntil }
}

function hasEnded({ active, expiresAt }: PromoCode, now: Date): boolean {
  return !active || (expiresAt !== null && expiresAt <= now)
}
