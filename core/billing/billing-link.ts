import { randomBytes } from 'node:crypto'
import type { Db } from '#core/db.ts'
import { DAY_MS } from '#core/durations.ts'
import { isOrderToken } from '#core/payments/checkout/place-order.ts'
import { type PaymentRail, RailUnavailableError } from '#core/rails/payment-rail.ts'
import { forgetCustomer } from '#core/recharge/ensure-customer.ts'
import type { PrismaClient } from '#prisma'

/** How long a billing link stays valid after it was last handed out. */
export const BILLING_LINK_VALID_DAYS = 7

/** The billing link, and the page of ours that says why it led nowhere or that it was left. */
export function billingLinks(publicUrl: string, token: string) {
  const open = `${publicUrl}/checkout/billing/${token}`
  return { open, status: `${open}/status` }
}

/**
 * Hands out the link to a user's billing page. It is ours and opens a fresh page at each click, so it never leads to an
 * expired one. Null while Stripe does not know the user.
 */
export async function handOutBillingLink(
  db: Db,
  { userId, publicUrl, now }: { userId: bigint; publicUrl: string; now: Date },
): Promise<string | null> {
  const user = await db.user.findUnique({ where: { id: userId }, select: { stripeCustomerId: true } })
  if (!user?.stripeCustomerId) return null
  const expiresAt = new Date(now.getTime() + BILLING_LINK_VALID_DAYS * DAY_MS)
  const token = randomBytes(24).toString('base64url')
  // A link that is still valid stays the same, for it may stand in an older message.
  const [link] = await db.$queryRaw<{ token: string }[]>`
    INSERT INTO billing_links AS b (user_id, token, expires_at) VALUES (${userId}, ${token}, ${expiresAt})
    ON CONFLICT (user_id) DO UPDATE SET expires_at = excluded.expires_at,
      token = CASE WHEN b.expires_at > ${now} THEN b.token ELSE excluded.token END
    RETURNING b.token`
  return link ? billingLinks(publicUrl, link.token).open : null
}

export type OpenedBilling =
  | { status: 'redirect'; url: string }
  /** The link is unknown or too old: /billing gives a new one. */
  | { status: 'expired' }
  /** Stripe has no such customer any more. */
  | { status: 'nothing' }
  /** Stripe does not answer; trying again helps. */
  | { status: 'unavailable' }

/** Opens the billing page that a link leads to. `returnUrl` is where its "back" leads. */
export async function openBilling(
  db: PrismaClient,
  rail: Pick<PaymentRail, 'cards'>,
  { token, returnUrl, now }: { token: string; returnUrl: string; now: Date },
): Promise<OpenedBilling> {
  if (!isOrderToken(token)) return { status: 'expired' }
  const link = await db.billingLink.findUnique({ where: { token }, include: { user: true } })
  if (!link || link.expiresAt <= now) return { status: 'expired' }
  const { userId, user } = link
  const { stripeCustomerId: customerId } = user
  if (customerId === null) return { status: 'nothing' }
  try {
    const url = await rail.cards.openBillingPage({ customerId, returnUrl })
    if (url !== null) return { status: 'redirect', url }
    await forgetCustomer(db, { userId, customerId })
    return { status: 'nothing' }
  } catch (error) {
    if (error instanceof RailUnavailableError) return { status: 'unavailable' }
    throw error
  }
}
