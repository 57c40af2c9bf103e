import { paginate } from '../collection.ts'
import { invalidRequest, wrongState } from '../errors.ts'
import { emailOf, expireSession, planExpiry, secretsOf } from '../money/checkout-session.ts'
import { requireChargeable } from '../money/currency.ts'
import { buildLineItem, buildPrice, buildProduct, type LineItem, type Price, type Product } from '../objects/catalog.ts'
import { buildCheckoutSession, type CheckoutSession } from '../objects/checkout-session.ts'
import { buildSetupIntent } from '../objects/setup-intent.ts'
import * as p from '../params.ts'
import type { StripeState } from '../state.ts'
import { recurringOf, unitAmountOf } from './catalog.ts'
import { type CheckoutCreate, type CheckoutLineItem, checkoutCreate } from './checkout-params.ts'
import { fields, listFields, type Route, route } from './route.ts'

const HALF_HOUR = 1800
const DAY = 86_400
/** Requests take a moment; the real limits are not to the second either. */
const TOLERANCE = 10

type Item = { price: Price; product: Product; quantity: number; isInline: boolean }

function createSession(state: StripeState, params: CheckoutCreate): CheckoutSession {
  const { mode } = params
  requireModeRules(params)
  const expiresAt = expiryOf(state, params)
  const customer = params.customer === undefined ? undefined : state.customers.require(params.customer, 'customer')
  const items = (params.line_items ?? []).map((item, index) => readItem(state, params, item, index))
  const currencyCode = currencyOf(params, items)
  const total = items.reduce((sum, item) => sum + item.price.unit_amount * item.quantity, 0)
  if (mode === 'subscription') requireSubscribable(items, total)
  if (mode !== 'setup' && total > 0)
    requireChargeable(
      total,
      currencyCode ?? 'usd',
      'line_items',
      "The Checkout Session's total amount due must add up to",
    )

  const session = buildCheckoutSession(state.now(), state.options.publicUrl, {
    mode,
    expires_at: expiresAt,
    amount_total: mode === 'setup' ? null : total,
    currency: currencyCode,
    customer: customer?.id ?? null,
    customer_creation: customer
      ? null
      : mode === 'subscription'
        ? 'always'
        : (params.customer_creation ?? 'if_required'),
    payment_method_collection: mode === 'payment' ? 'if_required' : 'always',
    customer_email: params.customer_email ?? null,
    client_reference_id: params.client_reference_id ?? null,
    cancel_url: params.cancel_url ?? null,
    success_url: params.success_url ?? null,
    locale: params.locale ?? null,
    submit_type: params.submit_type ?? null,
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    metadata: p.mergeMetadata({}, params.metadata),
  })
  session.customer_details = customer || params.customer_email ? detailsOf(emailOf(state, session)) : null
  state.sessions.add(session)
  state.sessionSecrets.set(session.id, {
    lineItems: items.map((item) => keepItem(state, item)),
    intentData: intentDataOf(params),
    subscriptionData: {
      description: params.subscription_data?.description ?? null,
      metadata: p.mergeMetadata({}, params.subscription_data?.metadata),
    },
  })
  if (mode === 'setup') addSetupIntent(state, session, params)
  planExpiry(state, session)
  return session
}

function requireModeRules(params: CheckoutCreate): void {
  const { mode } = params
  const refuse = (param: string, message: string, code?: string) =>
    invalidRequest(message, { param, ...(code ? { code } : {}) })
  if (params.success_url === undefined)
    throw refuse('success_url', 'Missing required param: success_url.', 'parameter_missing')
  if (mode !== 'setup' && !params.line_items?.length)
    throw refuse('line_items', `Missing required param: line_items.`, 'parameter_missing')
  if (mode === 'setup' && params.line_items)
    throw refuse('line_items', 'You can not pass `line_items` in `setup` mode.')
  if (mode === 'setup' && params.currency === undefined && params.allowed_payment_method_types === undefined)
    throw refuse('currency', 'Missing required param: currency.', 'parameter_missing')
  if (params.payment_intent_data && mode !== 'payment')
    throw refuse('payment_intent_data', `You can not pass \`payment_intent_data\` in \`${mode}\` mode.`)
  if (params.setup_intent_data && mode !== 'setup')
    throw refuse('setup_intent_data', `You can not pass \`setup_intent_data\` in \`${mode}\` mode.`)
  if (params.subscription_data && mode !== 'subscription')
    throw refuse('subscription_data', `You can not pass \`subscription_data\` in \`${mode}\` mode.`)
  if (params.customer_creation !== undefined && mode === 'subscription')
    throw refuse('customer_creation', '`customer_creation` can only be used in `payment` and `setup` mode.')
  if (params.payment_method_collection !== undefined && mode !== 'subscription')
    throw refuse('payment_method_collection', '`payment_method_collection` can only be used in `subscription` mode.')
  if (params.customer !== undefined && params.customer_email !== undefined)
    throw refuse(
      'customer_email',
      'You may only specify one of these parameters: customer, customer_email.',
      'parameter_exclusive',
    )
  if (params.customer !== undefined && params.customer_creation !== undefined)
    throw refuse(
      'customer_creation',
      'You may only specify one of these parameters: customer, customer_creation.',
      'parameter_exclusive',
    )
  if (params.return_url !== undefined)
    throw refuse('return_url', '`return_url` can only be used with an embedded `ui_mode`.')
}

function requireSubscribable(items: Item[], total: number): void {
  const refuse = (message: string) => invalidRequest(message, { param: 'line_items' })
  const rhythms = new Set(
    items.map(({ price: { recurring } }) => recurring && `${recurring.interval} ${recurring.interval_count}`),
  )
  if (![...rhythms].some(Boolean))
    throw refuse('You must provide at least one recurring price in `subscription` mode when using prices.')
  if (rhythms.has(null)) throw refuse('The sandbox sells only recurring prices in `subscription` mode.')
  if (rhythms.size > 1) throw refuse('Checkout does not support multiple prices with different billing intervals.')
  if (items.some(({ price }) => price.recurring?.usage_type === 'metered' || price.recurring?.trial_period_days))
    throw refuse('The sandbox plays neither metered prices nor trials.')
  if (total === 0) throw refuse('The sandbox does not play free subscriptions.')
}

function expiryOf(state: StripeState, params: CheckoutCreate): number {
  const now = state.now()
  const expiresAt = params.expires_at ?? now + DAY
  if (expiresAt < now + HALF_HOUR - TOLERANCE || expiresAt > now + DAY + TOLERANCE)
    throw invalidRequest(
      'The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.',
      { param: 'expires_at' },
    )
  return expiresAt
}

function readItem(state: StripeState, params: CheckoutCreate, item: CheckoutLineItem, index: number): Item {
  const at = `line_items[${index}]`
  const { price: priceId, price_data: data } = item
  if ((priceId === undefined) === (data === undefined))
    throw invalidRequest('You must specify exactly one of `price` or `price_data` for each line item.', { param: at })
  if (data && item.quantity === undefined)
    throw invalidRequest(`Missing required param: ${at}[quantity].`, {
      param: `${at}[quantity]`,
      code: 'parameter_missing',
    })
  const quantity = item.quantity ?? 1
  if (quantity < 1)
    throw invalidRequest('This value must be greater than or equal to 1.', {
      param: `${at}[quantity]`,
      code: 'parameter_invalid_integer',
    })
  const found = data ? inlinePrice(state, data, `${at}[price_data]`) : storedPrice(state, priceId ?? '', `${at}[price]`)
  if (params.mode === 'payment' && found.price.recurring)
    throw invalidRequest(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      { param: at },
    )
  return { ...found, quantity, isInline: data !== undefined }
}

function storedPrice(state: StripeState, id: string, at: string): { price: Price; product: Product } {
  const price = state.prices.require(id, at)
  if (!price.active)
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', { param: at })
  return { price, product: state.products.get(price.product) }
}

function inlinePrice(state: StripeState, data: NonNullable<CheckoutLineItem['price_data']>, at: string) {
  if ((data.product === undefined) === (data.product_data === undefined))
    throw invalidRequest('You must specify exactly one of `product` or `product_data`.', { param: at })
  const unitAmount = unitAmountOf(data, (field) => `${at}[${field}]`)
  const product =
    data.product === undefined
      ? buildProduct(state.now(), { name: '', active: false, ...data.product_data })
      : state.products.require(data.product, `${at}[product]`)
  const price = buildPrice(state.now(), {
    active: false,
    currency: data.currency,
    product: product.id,
    unit_amount: unitAmount,
    recurring: recurringOf(data.recurring),
  })
  return { price, product }
}

/** Inline prices become real, inactive ones, which can be retrieved later. */
function keepItem(state: StripeState, { price, product, quantity, isInline }: Item): LineItem {
  if (isInline) {
    state.products.add(product)
    state.prices.add(price)
  }
  return buildLineItem(price, product, quantity)
}

function currencyOf(params: CheckoutCreate, items: Item[]): string | null {
  const codes = new Set(items.map((item) => item.price.currency))
  if (params.currency !== undefined) codes.add(params.currency)
  if (codes.size > 1)
    throw invalidRequest(
      `The following parameters cannot have different currencies: ${[...codes].join(', ')}. All line items and the session must share one currency.`,
      { param: 'line_items' },
    )
  return [...codes][0] ?? null
}

function intentDataOf(params: CheckoutCreate) {
  const data = params.payment_intent_data
  return {
    description: data?.description ?? null,
    metadata: p.mergeMetadata({}, data?.metadata),
    receipt_email: data?.receipt_email ?? null,
    setup_future_usage: data?.setup_future_usage ?? null,
    statement_descriptor: data?.statement_descriptor ?? null,
    statement_descriptor_suffix: data?.statement_descriptor_suffix ?? null,
  }
}

function addSetupIntent(state: StripeState, session: CheckoutSession, params: CheckoutCreate): void {
  const intent = state.setupIntents.add(
    buildSetupIntent(state.now(), {
      customer: session.customer,
      description: params.setup_intent_data?.description ?? null,
      metadata: p.mergeMetadata({}, params.setup_intent_data?.metadata),
    }),
  )
  session.setup_intent = intent.id
  state.emit('setup_intent.created', intent)
}

function detailsOf(email: string | null): Record<string, unknown> {
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name: null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: null,
  }
}

export const checkoutRoutes: Route[] = [
  route('POST', '/v1/checkout/sessions', checkoutCreate, createSession),
  route(
    'GET',
    '/v1/checkout/sessions',
    listFields({
      created: p.createdRange,
      customer: p.text(),
      customer_details: p.shape({ email: p.email }, {}),
      payment_intent: p.text(),
      payment_link: p.text(),
      status: p.oneOf('open', 'complete', 'expired'),
      subscription: p.text(),
    }),
    (state, params) =>
      state.sessions.page(
        '/v1/checkout/sessions',
        params,
        (session) =>
          (params.customer === undefined || session.customer === params.customer) &&
          (params.payment_intent === undefined || session.payment_intent === params.payment_intent) &&
          (params.status === undefined || session.status === params.status) &&
          (params.customer_details === undefined ||
            session.customer_details?.email === params.customer_details.email) &&
          params.payment_link === undefined &&
          (params.subscription === undefined || session.subscription === params.subscription),
      ),
  ),
  route('GET', '/v1/checkout/sessions/:id', fields({}, {}), (state, _params, id) => state.sessions.get(id)),
  route('POST', '/v1/checkout/sessions/:id', fields({}, { metadata: p.metadata }), (state, params, id) => {
    const session = state.sessions.get(id)
    session.metadata = p.mergeMetadata(session.metadata, params.metadata)
    return session
  }),
  route('POST', '/v1/checkout/sessions/:id/expire', fields({}, {}), (state, _params, id) => {
    const session = state.sessions.get(id)
    if (session.status !== 'open')
      throw wrongState(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
      )
    expireSession(state, session)
    return session
  }),
  route('GET', '/v1/checkout/sessions/:id/line_items', listFields({}), (state, params, id) =>
    paginate(
      `/v1/checkout/sessions/${id}/line_items`,
      secretsOf(state, state.sessions.get(id)).lineItems,
      params,
      'item',
    ),
  ),
]
