import { checkoutLinks } from '#core/payments/checkout-links.ts'
import type { OpenedCheckout } from '#core/payments/open-checkout.ts'

/** Sends the buyer on: to the payment page, or to the page that tells the state of the order. */
export function checkoutResponse(
  opened: OpenedCheckout,
  { token, publicUrl }: { token: string; publicUrl: string },
): Response {
  const statusPage = `${checkoutLinks(publicUrl, encodeURIComponent(token)).pay}/status`
  return seeOther(opened.status === 'redirect' ? opened.url : `${statusPage}?now=${opened.status}`)
}

/** Sends a browser on. Each click asks anew; neither browsers nor proxies may remember where the last one led. */
export function seeOther(location: string): Response {
  return new Response(null, {
    status: 303,
    headers: { Location: location, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' },
  })
}
