import { randomBytes } from 'node:crypto'
import { ownsContent } from '#core/content/find-content.ts'
import { DAY_MS } from '#core/durations.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import { loadSettings } from '#core/settings/load-settings.ts'
import { findLiveSubscription } from '#core/subscriptions/list-subscriptions.ts'
import type { Order, Prisma, PrismaClient, Product } from '#prisma'

/** How long a pay link stays valid after it was last handed out. */
export const ORDER_VALID_DAYS = 7

export type OrderOutcome =
  | { status: 'placed'; order: Order }
  /** The product is gone, archived or cannot be paid in any way that is open. */
  | { status: 'unavailable' }
  /** The buyer has this content already; nothing is sold twice. */
  | { status: 'owned' }
  /** The buyer has a live subscription to this already. */
  | { status: 'subscribed' }
  | { status: 'banned' }

/**
 * Notes that a user wants a product, with product and price as they are now, under an unguessable token.
 * An open order of the same offer is handed out again (its validity starts anew), so tapping many times makes one row.
 * Throws when the user does not exist.
 */
export async function placeOrder(
  db: PrismaClient,
  { userId, productId, now }: { userId: bigint; productId: number; now: Date },
): Promise<OrderOutcome> {
  return db.$transaction(async (tx) => {
    // One order at a time per user; an advisory lock, because row locks on users would cross those of a grant.
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`order:${userId}`}, 0))`
    const user = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { bannedAt: true } })
    if (user.bannedAt) return { status: 'banned' }
    const product = await tx.product.findUnique({ where: { id: productId } })
    const { settings } = await loadSettings(tx)
    const isSold = product?.active && waysToPay(product, settings.rails).length > 0
    if (!isSold) return { status: 'unavailable' }
    const { contentId } = product
    if (product.kind === 'content' && contentId === null) return { status: 'unavailable' }
    if (contentId !== null && (await ownsContent(tx, { contentId, userId }))) return { status: 'owned' }
    const isRunning = product.kind === 'subscription' && (await findLiveSubscription(tx, { userId, productId, now }))
    if (isRunning) return { status: 'subscribed' }
    const terms = termsOf(product)
    const expiresAt = new Date(now.getTime() + ORDER_VALID_DAYS * DAY_MS)
    const open = await tx.order.findFirst({
      where: { userId, origin: 'chosen', state: 'open', expiresAt: { gt: now }, ...terms },
      orderBy: { createdAt: 'desc' },
    })
    const order = open
      ? await tx.order.update({ where: { id: open.id }, data: { expiresAt } })
      : await tx.order.create({ data: { ...terms, userId, token: newOrderToken(), createdAt: now, expiresAt } })
    return { status: 'placed', order }
  })
}

/** What an order keeps of its product. */
export function termsOf(product: Product) {
  const { id: productId, kind, label, description, amount, bonus, priceMinor, currency } = product
  const { stripePriceId, priceStars, gives, contentId } = product
  return {
    productId,
    kind,
    label,
    description,
    amount,
    bonus,
    priceMinor,
    currency,
    stripePriceId,
    priceStars,
    gives,
    contentId,
  } satisfies Prisma.OrderWhereInput
}

/** 192 bits: nobody finds a pay link by trying. */
export function newOrderToken(): string {
  return randomBytes(24).toString('base64url')
}

/** Whether a text can be the token of an order; others need not be looked for (nor would PostgreSQL take them all). */
export function isOrderToken(text: string): boolean {
  return /^[\w-]{32}$/.test(text)
}
