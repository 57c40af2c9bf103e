/** Our own addresses around one order. */
export interface CheckoutLinks {
  pay: string
  /** Tells the state of the order. */
  status: string
  success: string
  cancel: string
}

/** The pay link of an order and where the payment page leads back to; `publicUrl` is the origin people reach us at. */
export function checkoutLinks(publicUrl: string, token: string): CheckoutLinks {
  const pay = `${publicUrl}/checkout/${token}`
  // Stripe puts the session's id in place of the braces.
  const success = `${pay}/success?session_id={CHECKOUT_SESSION_ID}`
  return { pay, status: `${pay}/status`, success, cancel: `${pay}/cancel` }
}
