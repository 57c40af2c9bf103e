import { invalidRequest } from '../errors.ts'
import { currency } from '../money/currency.ts'
import { buildPrice, buildProduct, type Price, type Product, type Recurring } from '../objects/catalog.ts'
import * as p from '../params.ts'
import type { StripeState } from '../state.ts'
import { fields, listFields, type Route, route } from './route.ts'

export const recurringParams = p.shape(
  { interval: p.oneOf('day', 'week', 'month', 'year') },
  {
    interval_count: p.integer,
    meter: p.ignored,
    trial_period_days: p.integer,
    usage_type: p.oneOf('licensed', 'metered'),
  },
)

export const productData = {
  description: p.text(40_000),
  images: p.list(p.text()),
  metadata: p.metadata,
  tax_code: p.ignored,
  tax_details: p.ignored,
  unit_label: p.text(12),
}

const amount = { unit_amount: p.integer, unit_amount_decimal: p.text() }

export type PriceInput = {
  currency: string
  unit_amount?: number
  unit_amount_decimal?: string
  recurring?: p.Parsed<typeof recurringParams>
}

/** The whole minor units a price asks for. `at` names where the price stands in the request. */
export function unitAmountOf(input: PriceInput, at: (field: string) => string): number {
  if ((input.unit_amount === undefined) === (input.unit_amount_decimal === undefined))
    throw invalidRequest(
      'You must specify either `unit_amount` or `unit_amount_decimal` (one, not both) to price an item.',
      { param: at('unit_amount'), code: 'parameter_missing' },
    )
  const value = input.unit_amount ?? Number(input.unit_amount_decimal)
  if (Number.isInteger(value) && value >= 0) return value
  throw invalidRequest(
    value < 0 ? 'This value must be greater than or equal to 0.' : 'The sandbox prices whole minor units only.',
    { param: at('unit_amount'), code: 'parameter_invalid_integer' },
  )
}

export function recurringOf(input: PriceInput['recurring']): Recurring | null {
  if (!input) return null
  return {
    interval: input.interval,
    interval_count: input.interval_count ?? 1,
    meter: null,
    trial_period_days: input.trial_period_days ?? null,
    usage_type: input.usage_type ?? 'licensed',
  }
}

const productCreate = fields(
  { name: p.text() },
  {
    ...productData,
    active: p.flag,
    default_price_data: p.shape(
      { currency },
      { ...amount, metadata: p.metadata, recurring: recurringParams, tax_behavior: p.ignored },
    ),
    id: p.text(),
    marketing_features: p.ignored,
    package_dimensions: p.ignored,
    shippable: p.flag,
    statement_descriptor: p.text(22),
    type: p.oneOf('good', 'service'),
    url: p.url,
  },
)
const productUpdate = fields(
  {},
  {
    active: p.flag,
    default_price: p.text(),
    description: p.clearableText,
    images: p.list(p.text()),
    marketing_features: p.ignored,
    metadata: p.metadata,
    name: p.text(),
    package_dimensions: p.ignored,
    shippable: p.flag,
    statement_descriptor: p.text(22),
    tax_code: p.ignored,
    tax_details: p.ignored,
    unit_label: p.clearableText,
    url: p.clearableText,
  },
)
const priceCreate = fields(
  { currency },
  {
    ...amount,
    active: p.flag,
    billing_scheme: p.oneOf('per_unit'),
    currency_options: p.ignored,
    lookup_key: p.text(200),
    metadata: p.metadata,
    nickname: p.text(),
    product: p.text(),
    product_data: p.shape(
      { name: p.text() },
      {
        active: p.flag,
        id: p.text(),
        metadata: p.metadata,
        statement_descriptor: p.text(22),
        tax_code: p.ignored,
        tax_details: p.ignored,
        unit_label: p.text(12),
      },
    ),
    recurring: recurringParams,
    tax_behavior: p.oneOf('unspecified', 'exclusive', 'inclusive'),
    transfer_lookup_key: p.flag,
  },
)
const priceUpdate = fields(
  {},
  {
    active: p.flag,
    currency_options: p.ignored,
    lookup_key: p.text(200),
    metadata: p.metadata,
    nickname: p.text(),
    tax_behavior: p.ignored,
    transfer_lookup_key: p.flag,
  },
)

const withoutUndefined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Partial<T>

function addProduct(state: StripeState, input: Partial<Product> & { name: string }): Product {
  const product = state.products.add(
    buildProduct(state.now(), withoutUndefined(input) as Partial<Product> & { name: string }),
  )
  state.emit('product.created', product)
  return product
}

function addPrice(
  state: StripeState,
  productId: string,
  input: PriceInput & Partial<Pick<Price, 'active' | 'lookup_key' | 'metadata'>> & { nickname?: string },
): Price {
  const price = buildPrice(state.now(), {
    currency: input.currency,
    product: productId,
    unit_amount: unitAmountOf(input, (field) => field),
    recurring: recurringOf(input.recurring),
    ...withoutUndefined({
      active: input.active,
      lookup_key: input.lookup_key,
      metadata: input.metadata,
      nickname: input.nickname,
    }),
  })
  state.prices.add(price)
  state.emit('price.created', price)
  return price
}

export const catalogRoutes: Route[] = [
  route('POST', '/v1/products', productCreate, (state, params) => {
    const { default_price_data: priceData, expand: _expand, ...given } = params
    if (given.id !== undefined && state.products.find(given.id))
      throw invalidRequest('Product already exists.', { param: 'id', code: 'resource_already_exists' })
    if (priceData) unitAmountOf(priceData, (field) => `default_price_data[${field}]`)
    const product = addProduct(state, given)
    if (priceData) product.default_price = addPrice(state, product.id, priceData).id
    return product
  }),
  route(
    'GET',
    '/v1/products',
    listFields({
      active: p.flag,
      created: p.createdRange,
      ids: p.list(p.text()),
      shippable: p.flag,
      type: p.ignored,
      url: p.ignored,
    }),
    (state, params) =>
      state.products.page(
        '/v1/products',
        params,
        (product) =>
          (params.active === undefined || product.active === params.active) &&
          (params.ids === undefined || params.ids.includes(product.id)),
      ),
  ),
  route('GET', '/v1/products/:id', fields({}, {}), (state, _params, id) => state.products.get(id)),
  route('POST', '/v1/products/:id', productUpdate, (state, params, id) => {
    const product = state.products.get(id)
    const { metadata, expand: _expand, ...given } = params
    if (given.default_price !== undefined) state.prices.require(given.default_price, 'default_price')
    Object.assign(product, withoutUndefined(given), { updated: state.now() })
    product.metadata = p.mergeMetadata(product.metadata, metadata)
    state.emit('product.updated', product, {})
    return product
  }),
  route('DELETE', '/v1/products/:id', fields({}, {}), (state, _params, id) => {
    const product = state.products.get(id)
    if (state.prices.all().some((price) => price.product === id))
      throw invalidRequest('This product cannot be deleted because it has one or more user-created prices.')
    state.products.delete(id)
    state.emit('product.deleted', product)
    return { id, object: 'product', deleted: true }
  }),
  route('POST', '/v1/prices', priceCreate, (state, params) => {
    if ((params.product === undefined) === (params.product_data === undefined))
      throw invalidRequest('You must specify either `product` or `product_data` when creating a price.', {
        param: 'product',
        code: 'parameter_missing',
      })
    unitAmountOf(params, (field) => field)
    const product =
      params.product === undefined
        ? addProduct(state, { name: '', ...params.product_data })
        : state.products.require(params.product, 'product')
    return addPrice(state, product.id, params)
  }),
  route(
    'GET',
    '/v1/prices',
    listFields({
      active: p.flag,
      created: p.createdRange,
      currency,
      lookup_keys: p.list(p.text()),
      product: p.text(),
      recurring: p.ignored,
      type: p.oneOf('one_time', 'recurring'),
    }),
    (state, params) =>
      state.prices.page(
        '/v1/prices',
        params,
        (price) =>
          (params.active === undefined || price.active === params.active) &&
          (params.currency === undefined || price.currency === params.currency) &&
          (params.product === undefined || price.product === params.product) &&
          (params.type === undefined || price.type === params.type) &&
          (params.lookup_keys === undefined || params.lookup_keys.includes(price.lookup_key ?? '')),
      ),
  ),
  route('GET', '/v1/prices/:id', fields({}, {}), (state, _params, id) => state.prices.get(id)),
  route('POST', '/v1/prices/:id', priceUpdate, (state, params, id) => {
    const price = state.prices.get(id)
    Object.assign(
      price,
      withoutUndefined({ active: params.active, lookup_key: params.lookup_key, nickname: params.nickname }),
    )
    price.metadata = p.mergeMetadata(price.metadata, params.metadata)
    state.emit('price.updated', price, {})
    return price
  }),
]
