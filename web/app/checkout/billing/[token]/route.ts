import { openBilling } from '#core/billing/billing-link.ts'
import { getDeps } from '#web/server/deps.ts'
import { seeOther } from '#web/server/payments/checkout-response.ts'
import { getPayments } from '#web/server/payments/payments.ts'

/** The billing link: leads to a fresh page of Stripe with payments and cards, or to a page of ours that says why not. */
export async function GET(_request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const { token } = await params
  const { config, database } = getDeps()
  const statusPage = `${config.publicUrl.replace(/\/$/, '')}/checkout/billing/${encodeURIComponent(token)}/status`
  const returnUrl = `${statusPage}?now=back`
  const opened = await openBilling(database.prisma, getPayments().rail, { token, returnUrl, now: new Date() })
  return seeOther(opened.status === 'redirect' ? opened.url : `${statusPage}?now=${opened.status}`)
}
