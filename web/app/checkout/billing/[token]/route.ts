import { billingLinks, openBilling } from '#core/billing/billing-link.ts'
import { getDeps } from '#web/server/deps.ts'
import { followLink } from '#web/server/payments/follow-link.ts'
import { getPayments } from '#web/server/payments/payments.ts'

/** The billing link: leads to a fresh page of Stripe with payments and cards, or to a page of ours that says why not. */
export async function GET(_request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const { token } = await params
  const { config, database } = getDeps()
  const statusPage = billingLinks(config.publicUrl, encodeURIComponent(token)).status
  const returnUrl = `${statusPage}?now=back`
  return followLink(() => openBilling(database.prisma, getPayments().rail, { token, returnUrl, now: new Date() }), {
    statusPage,
  })
}
