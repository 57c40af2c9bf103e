import type Stripe from 'stripe'
import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import { askStripe, orNull } from '#core/rails/stripe/ask-stripe.ts'
import { CARD_USER_METADATA_KEY, readCardSetup } from '#core/rails/stripe/read-card-setup.ts'
import { ATTEMPT_METADATA_KEY, readCharge } from '#core/rails/stripe/read-charge.ts'
import { ORDER_METADATA_KEY } from '#core/rails/stripe/read-session.ts'
import type { StripeFailure } from '#core/rails/stripe/stripe-errors.ts'
import type {
  CardRail,
  CardRefusal,
  CardSetup,
  CardSetupRequest,
  Charge,
  ChargeRequest,
} from '#core/recharge/card-rail.ts'

/** Saves cards by Stripe Checkout and charges them without the buyer. */
export function createStripeCardRail(stripe: Stripe): CardRail {
  return {
    createCustomer: (given) => createCustomer(stripe, given),
    openCardSetup: (request) => openCardSetup(stripe, request),
    findCardSetup: (id) =>
      askStripe(async () => requireSetup(await stripe.checkout.sessions.retrieve(id, { expand: EXPAND_CARD })), orNull),
    createCharge: (request) => createCharge(stripe, request),
    confirmCharge: (id) => confirmCharge(stripe, id),
    findCharge: (id) => askStripe(async () => requireCharge(await stripe.paymentIntents.retrieve(id)), orNull),
    cancelCharge: (id) => cancelCharge(stripe, id),
    hasCard: (given) => hasCard(stripe, given),
    openBillingPage: ({ customerId, returnUrl }) =>
      askStripe(
        async () => (await stripe.billingPortal.sessions.create({ customer: customerId, return_url: returnUrl })).url,
        orNull,
      ),
    deleteCustomer: async (id) => {
      await askStripe(() => stripe.customers.del(id), orNull)
    },
  }
}

const EXPAND_CARD = ['setup_intent.payment_method']

/** A wrong key or a missing right is the operator's matter: no card is to blame, and it can be put right. */
function refusalOf(failure: StripeFailure): CardRefusal | undefined {
  if (failure.kind === 'missing') return { status: 'card_gone' }
  if (failure.kind !== 'refused' || failure.because === 'account') return undefined
  return failure.param === 'payment_method' ? { status: 'card_gone' } : { status: 'refused', reason: failure.reason }
}

const isSpent = ({ kind }: StripeFailure) => kind === 'failed_for_good' || kind === 'key_reused'

async function createCustomer(
  stripe: Stripe,
  { userId, request }: { userId: bigint; request: string },
): Promise<string> {
  const customer = await askStripe(
    () =>
      stripe.customers.create(
        { description: `Telegram user ${userId}`, metadata: { telegram_id: String(userId) } },
        { idempotencyKey: `paydesk-customer-${userId}-${request}` },
      ),
    () => undefined,
  )
  return customer.id
}

function openCardSetup(stripe: Stripe, { userId, customerId, attempt, successUrl, cancelUrl }: CardSetupRequest) {
  const metadata = { [CARD_USER_METADATA_KEY]: String(userId), attempt: String(attempt) }
  return askStripe(
    async () => {
      const session = await stripe.checkout.sessions.create(
        {
          mode: 'setup',
          allowed_payment_method_types: ['card'],
          customer: customerId,
          metadata,
          setup_intent_data: { metadata },
          success_url: successUrl,
          cancel_url: cancelUrl,
        },
        { idempotencyKey: `paydesk-card-${userId}-${attempt}` },
      )
      return { status: 'opened', setup: requireSetup(session) } as const
    },
    (failure) => (isSpent(failure) ? ({ status: 'attempt_spent' } as const) : refusalOf(failure)),
  )
}

function createCharge(stripe: Stripe, request: ChargeRequest) {
  const { attemptId, orderId, round, customerId, paymentMethodId, amountMinor, currency, description } = request
  return askStripe(
    async () => {
      const intent = await stripe.paymentIntents.create(
        {
          amount: amountMinor,
          currency,
          customer: customerId,
          payment_method: paymentMethodId,
          allowed_payment_method_types: ['card'],
          description,
          metadata: { [ORDER_METADATA_KEY]: orderId, [ATTEMPT_METADATA_KEY]: attemptId },
        },
        { idempotencyKey: `paydesk-recharge-${attemptId}-${round}` },
      )
      return { status: 'created', charge: requireCharge(intent) } as const
    },
    (failure) => (isSpent(failure) ? ({ status: 'round_spent' } as const) : refusalOf(failure)),
  )
}

/** What became of it is read from the charge itself, whatever the answer to the confirmation was. */
async function confirmCharge(stripe: Stripe, id: string) {
  const refusal = await askStripe(
    async () => {
      await stripe.paymentIntents.confirm(id, { off_session: true })
      return null
    },
    (failure) => {
      if (failure.kind === 'refused' && failure.because === 'card') return null
      return refusalOf(failure)
    },
  )
  const charge = await askStripe(
    async () => requireCharge(await stripe.paymentIntents.retrieve(id)),
    () => undefined,
  )
  // Refused, and yet it is decided: somebody else confirmed or cancelled it.
  if (refusal === null || charge.status !== 'unconfirmed') return { status: 'answered', charge } as const
  return refusal
}

function cancelCharge(stripe: Stripe, id: string): Promise<'canceled' | 'too_late'> {
  return askStripe(
    async () => {
      await stripe.paymentIntents.cancel(id)
      return 'canceled' as const
    },
    (failure) => {
      if (failure.kind === 'missing') return 'canceled'
      return failure.kind === 'refused' && failure.because === 'request' ? 'too_late' : undefined
    },
  )
}

function hasCard(stripe: Stripe, { customerId, paymentMethodId }: { customerId: string; paymentMethodId: string }) {
  return askStripe(
    async () => {
      const { customer } = await stripe.paymentMethods.retrieve(paymentMethodId)
      return (typeof customer === 'object' ? customer?.id : customer) === customerId
    },
    (failure) => (failure.kind === 'missing' ? false : undefined),
  )
}

/** The client takes any JSON without an `error` field for success, a proxy's 404 page included. */
function requireSetup(answer: unknown): CardSetup {
  const setup = readCardSetup(answer)
  if (!setup) throw new RailUnavailableError('Stripe answered with something that is no Checkout Session')
  return setup
}

function requireCharge(answer: unknown): Charge {
  const charge = readCharge(answer)
  if (!charge) throw new RailUnavailableError('Stripe answered with something that is no PaymentIntent')
  return charge
}
