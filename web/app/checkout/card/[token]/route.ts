import { cardLinks, openCardSetup } from '#core/recharge/open-card-setup.ts'
import { getDeps } from '#web/server/deps.ts'
import { followLink } from '#web/server/payments/follow-link.ts'
import { getPayments } from '#web/server/payments/payments.ts'

/** The link that saves a card for auto-recharge: leads to Stripe's page, or to a page of ours that says why not. */
export async function GET(_request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const { token } = await params
  const { config, database } = getDeps()
  const { publicUrl } = config
  return followLink(() => openCardSetup(database.prisma, getPayments().rail, { token, publicUrl, now: new Date() }), {
    statusPage: cardLinks(publicUrl, encodeURIComponent(token)).status,
  })
}
