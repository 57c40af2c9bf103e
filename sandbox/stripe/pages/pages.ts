import type { ServerResponse } from 'node:http'
import { StripeRefusal } from '../errors.ts'
import { redirect, sendHtml } from '../http.ts'
import { answerChallenge, paySession } from '../money/checkout.ts'
import { emailOf, intentIdOf, redirectUrl } from '../money/checkout-session.ts'
import { formatMoney } from '../money/currency.ts'
import { answerIntentChallenge } from '../money/intents.ts'
import type { CheckoutSession } from '../objects/checkout-session.ts'
import type { PaymentIntent } from '../objects/payment-intent.ts'
import type { StripeState } from '../state.ts'
import { checkoutPage, isCardOutcome, isSavedCardBehaviour } from './checkout-page.ts'
import { html } from './html.ts'
import { answerInvoicePage } from './invoice-page.ts'
import { messagePage, page } from './layout.ts'
import { answerPortal } from './portal.ts'

type PageRequest = { method: string; path: string; query: URLSearchParams; body: string }

/** The hosted pages: pay, challenge, portal, invoice, receipt. Forms post to their own address. */
export function answerPage(state: StripeState, request: PageRequest, response: ServerResponse): void {
  const [, area, kind = '', id = ''] = request.path.split('/')
  const form = request.method === 'POST' ? new URLSearchParams(request.body) : undefined
  try {
    if (area === 'c' && kind === 'pay') return payPage(state, id, form, response)
    if (area === 'c' && kind === 'authenticate') return challengePage(state, id, form, response)
    if (area === 'p' && kind === 'session') return answerPortal(state, id, form, response)
    if (area === 'i') return answerInvoicePage(state, kind, form, response)
    if (area === 'r') return receiptPage(state, kind, response)
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error
    return sendHtml(
      response,
      error.status === 404 ? 404 : 400,
      messagePage({ title: 'This page is not available', text: error.message }),
    )
  }
  sendHtml(response, 404, messagePage({ title: 'Not found', text: 'There is no such page.' }))
}

function payPage(state: StripeState, id: string, form: URLSearchParams | undefined, response: ServerResponse): void {
  const session = state.sessions.get(id)
  if (session.status !== 'open') return closedPage(session, form !== undefined, response)
  if (!form) return sendHtml(response, 200, checkoutPage(state, session))

  const outcome = form.get('outcome') ?? 'succeeds'
  const email = form.get('email')?.trim() || emailOf(state, session) || ''
  const savedCard = form.get('savedCard') ?? 'succeeds'
  const again = (error: string) => sendHtml(response, 200, checkoutPage(state, session, { error, outcome, email }))
  if (!isCardOutcome(outcome) || !isSavedCardBehaviour(savedCard)) return again('Choose how to pay.')
  if (!/^\S+@\S+\.\S+$/.test(email)) return again('Your e-mail is incomplete.')
  const result = paySession(state, {
    sessionId: id,
    outcome,
    email,
    savedCard,
    challenge: 'leave',
  })
  if (result.status === 'declined') return again(`${result.message ?? 'Your card was declined.'} Try another card.`)
  leave(result.redirectUrl, response)
}

/** After the payment the buyer may come back by the history or press Pay twice. */
function closedPage(session: CheckoutSession, wasSubmitted: boolean, response: ServerResponse): void {
  if (session.status === 'complete' && wasSubmitted) return leave(redirectUrl(session), response)
  const isDone = session.status === 'complete'
  const href = isDone ? redirectUrl(session) : session.cancel_url
  sendHtml(
    response,
    200,
    messagePage({
      title: isDone ? 'You are all done here' : 'This payment page has expired',
      text: isDone ? 'This payment was completed.' : 'Nothing was charged. Please ask for a new link.',
      link: href ? { href, label: 'Go back' } : undefined,
    }),
  )
}

function challengePage(
  state: StripeState,
  id: string,
  form: URLSearchParams | undefined,
  response: ServerResponse,
): void {
  const intent = state.paymentIntents.find(id)
  const session = state.sessions.find(id)
  const amount = intent ?? (session && state.paymentIntents.find(intentIdOf(state, session)))
  if (!form)
    return sendHtml(
      response,
      200,
      page({
        title: 'Confirm with your bank',
        layout: 'narrow',
        body: html`<form method="post" class="panel stack">
<h1>Confirm with your bank</h1>
<p>${state.options.merchantName} wants to ${amount ? `charge ${formatMoney(amount.amount, amount.currency)} to` : 'save'} your card. A real bank would now ask for a code or your fingerprint.</p>
<button class="wide" name="answer" value="complete">Complete authentication</button>
<button class="wide plain" name="answer" value="fail">Fail authentication</button>
</form>`,
      }),
    )
  const answer = form.get('answer') === 'complete' ? 'complete' : 'fail'
  if (intent) {
    const back = (intent.next_action?.redirect_to_url as { return_url?: string } | undefined)?.return_url
    answerIntentChallenge(state, intent, answer)
    return leave(back === undefined ? null : returnUrl(back, intent), response)
  }
  const result = answerChallenge(state, id, answer)
  if (result.status === 'complete') return leave(result.redirectUrl, response)
  const error = result.message ?? 'The bank refused.'
  sendHtml(response, 200, checkoutPage(state, state.sessions.get(id), { error, action: `../pay/${id}` }))
}

function returnUrl(back: string, intent: PaymentIntent): string {
  const url = new URL(back)
  url.searchParams.set('payment_intent', intent.id)
  url.searchParams.set('payment_intent_client_secret', String(intent.client_secret))
  url.searchParams.set('redirect_status', intent.status === 'succeeded' ? 'succeeded' : 'failed')
  return url.href
}

function receiptPage(state: StripeState, id: string, response: ServerResponse): void {
  const charge = state.charges.get(id)
  sendHtml(
    response,
    200,
    messagePage({
      title: `Receipt from ${state.options.merchantName}`,
      text: `${formatMoney(charge.amount, charge.currency)} paid on ${new Date(charge.created * 1000).toISOString().slice(0, 10)}. Refunded: ${formatMoney(charge.amount_refunded, charge.currency)}.`,
    }),
  )
}

function leave(location: string | null, response: ServerResponse): void {
  if (location !== null) return redirect(response, location)
  sendHtml(response, 200, messagePage({ title: 'Done', text: 'You can close this page.' }))
}
