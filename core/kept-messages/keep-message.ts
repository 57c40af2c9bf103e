import type { IncomingMessage } from '#core/conversations/accept-messages.ts'
import { HOUR_MS } from '#core/durations.ts'
import type { KeptContent } from '#core/kept-messages/kept-content.ts'
import { sendKeptMessages } from '#core/kept-messages/send-kept-messages.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

/** How long a message waits for a purchase. */
export const KEPT_HOURS = 24
/** The most that wait of one user; the newest stay. */
export const MOST_KEPT = 10

interface Kept {
  /** Null when it was sent or called back before. */
  keptId: bigint | null
  /** How many older ones gave way to it and will not be sent. */
  dropped: number
}

/**
 * Keeps a message that could not be paid, once however often it arrives. Should its credits have come in since it was
 * refused, the sending is owed at once. The user must be registered.
 */
export async function keepMessage(
  prisma: PrismaClient,
  { botId, message, cost, now }: { botId: number; message: IncomingMessage; cost: number; now: Date },
): Promise<Kept> {
  const userId = BigInt(message.userId)
  return prisma.$transaction(async (tx) => {
    const keptId = await storeKept(tx, { botId, message, cost, now })
    if (keptId === null) return { keptId, dropped: 0 }
    const dropped = await dropSurplus(tx, userId)
    // A grant holds the account to its end: either it sees the row above, or this sees what it brought.
    const [held] = await tx.$queryRaw<{ affords: boolean; low: boolean }[]>`
      SELECT paid + bonus >= ${cost} OR coalesce(pass_until > now(), false) AS affords,
             coalesce(paid + bonus - debt <= recharge_below, false) AS low
      FROM accounts WHERE user_id = ${userId} FOR UPDATE`
    if (held?.affords) await sendKeptMessages(tx, { userId })
    // Nothing is debited any more that could ask for a recharge, so what waits for it asks.
    else if (held?.low)
      await tx.$executeRaw`INSERT INTO recharge_attempts (user_id) VALUES (${userId}) ON CONFLICT DO NOTHING`
    return { keptId, dropped }
  })
}

async function storeKept(
  tx: Tx,
  { botId, message, cost, now }: { botId: number; message: IncomingMessage; cost: number; now: Date },
): Promise<bigint | null> {
  const { albumId, preview, parts } = message
  const userMessageId = Math.min(...parts.map(({ messageId }) => messageId))
  const key = { botId: BigInt(botId), userId: BigInt(message.userId), userMessageId: BigInt(userMessageId) }
  const content: KeptContent = { albumId, preview, parts }
  await tx.keptMessage.createMany({
    data: {
      ...key,
      content: content as unknown as Prisma.InputJsonValue,
      cost,
      createdAt: now,
      expiresAt: new Date(now.getTime() + KEPT_HOURS * HOUR_MS),
    },
    skipDuplicates: true,
  })
  const kept = await tx.keptMessage.findUnique({ where: { botId_userId_userMessageId: key } })
  return kept === null || kept.endedAt !== null ? null : kept.id
}

async function dropSurplus(tx: Tx, userId: bigint): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM kept_messages WHERE user_id = ${userId} AND id IN (
      SELECT id FROM kept_messages WHERE user_id = ${userId} AND ended_at IS NULL ORDER BY id DESC OFFSET ${MOST_KEPT})`
}
