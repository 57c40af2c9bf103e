import { checkoutLinks } from '#core/payments/checkout/checkout-links.ts'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { getDeps } from '#web/server/deps.ts'
import { followLink } from '#web/server/payments/follow-link.ts'
import { getPayments } from '#web/server/payments/payments.ts'

/** The pay link: leads to the payment page, or to a page of ours that says why not. */
export async function GET(_request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const { token } = await params
  const { config, database } = getDeps()
  const { publicUrl } = config
  return followLink(() => openCheckout(database.prisma, getPayments().rail, { token, publicUrl, now: new Date() }), {
    statusPage: checkoutLinks(publicUrl, encodeURIComponent(token)).status,
  })
}
