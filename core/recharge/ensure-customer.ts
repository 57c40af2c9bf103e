import type { CardRail } from '#core/recharge/card-rail.ts'
import type { PrismaClient } from '#prisma'

/**
 * The user as the rail knows them, made if need be: one customer, however many ask at once. `request` changes when a
 * customer that was made before is gone.
 */
export async function ensureCustomer(
  db: PrismaClient,
  cards: Pick<CardRail, 'createCustomer'>,
  { userId, request }: { userId: bigint; request: string },
): Promise<string> {
  const known = await findCustomer(db, userId)
  if (known !== null) return known
  const created = await cards.createCustomer({ userId, request })
  await db.user.updateMany({ where: { id: userId, stripeCustomerId: null }, data: { stripeCustomerId: created } })
  return (await findCustomer(db, userId)) ?? created
}

async function findCustomer(db: PrismaClient, userId: bigint): Promise<string | null> {
  const user = await db.user.findUniqueOrThrow({ where: { id: userId }, select: { stripeCustomerId: true } })
  return user.stripeCustomerId
}

/** Forgets a customer that the rail no longer knows, unless another one was noted meanwhile. */
export async function forgetCustomer(
  db: PrismaClient,
  { userId, customerId }: { userId: bigint; customerId: string },
): Promise<void> {
  await db.user.updateMany({ where: { id: userId, stripeCustomerId: customerId }, data: { stripeCustomerId: null } })
}
