import { invalidRequest } from '../errors.ts'
import { attachCard, detachCard, requirePaymentMethod } from '../money/cards.ts'
import * as p from '../params.ts'
import { fields, listFields, type Route, route } from './route.ts'

const billing = p.shape(
  {},
  { address: p.ignored, email: p.clearableText, name: p.clearableText, phone: p.clearableText, tax_id: p.ignored },
)

export const paymentMethodRoutes: Route[] = [
  route(
    'GET',
    '/v1/payment_methods',
    listFields({ allow_redisplay: p.ignored, customer: p.text(), type: p.text() }),
    (state, params) =>
      state.paymentMethods.page(
        '/v1/payment_methods',
        params,
        (method) =>
          // Without a customer the real list only shows methods of other kinds, which the stand-in has none of.
          params.customer !== undefined &&
          method.customer === params.customer &&
          (params.type === undefined || method.type === params.type),
      ),
  ),
  route('GET', '/v1/payment_methods/:id', fields({}, {}), (state, _params, id) => state.paymentMethods.get(id)),
  route(
    'POST',
    '/v1/payment_methods/:id',
    fields(
      {},
      {
        allow_redisplay: p.oneOf('always', 'limited', 'unspecified'),
        billing_details: billing,
        card: p.ignored,
        metadata: p.metadata,
      },
    ),
    (state, params, id) => {
      const method = state.paymentMethods.get(id)
      if (method.customer === null)
        throw invalidRequest('You must save this PaymentMethod to a customer before you can update it.')
      const { email, name, phone } = params.billing_details ?? {}
      if (email !== undefined) method.billing_details.email = email
      if (name !== undefined) method.billing_details.name = name
      if (phone !== undefined) method.billing_details.phone = phone
      method.metadata = p.mergeMetadata(method.metadata, params.metadata)
      state.emit('payment_method.updated', method, {})
      return method
    },
  ),
  route('POST', '/v1/payment_methods/:id/attach', fields({ customer: p.text() }, {}), (state, params, id) => {
    const customer = state.customers.require(params.customer, 'customer')
    const method = requirePaymentMethod(state, id, 'payment_method', 404)
    if (method.customer !== null && method.customer !== customer.id)
      throw invalidRequest('The payment method you provided has already been attached to a customer.', {
        param: 'payment_method',
      })
    if (state.deletedIds.has(method.id))
      throw invalidRequest(
        'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.',
      )
    attachCard(state, method, customer.id)
    return method
  }),
  route('POST', '/v1/payment_methods/:id/detach', fields({}, {}), (state, _params, id) => {
    const method = state.paymentMethods.get(id)
    if (method.customer === null)
      throw invalidRequest(
        'The payment method you provided is not attached to a customer so detachment is impossible.',
        {
          param: 'payment_method',
        },
      )
    detachCard(state, method)
    return method
  }),
]
