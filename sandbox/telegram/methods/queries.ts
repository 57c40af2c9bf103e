import type { CallbackAnswer } from '../control-types.ts'
import { badRequest } from '../refusal.ts'
import { countCharacters } from '../text/formatted-text.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'

const tooOld = 'query is too old and response timeout expired or query ID is invalid'

export function answerCallbackQuery(world: World, call: Call): true {
  const { callback_query_id: id, text, url } = call.params
  const callback = typeof id === 'string' ? world.callbacks.get(id) : undefined
  if (!callback || world.now() > callback.expiresAt) throw badRequest(tooOld)
  if (typeof text === 'string' && countCharacters(text) > 200) throw badRequest('MESSAGE_TOO_LONG')
  const answer: CallbackAnswer = {
    showAlert: call.params['show_alert'] === true,
    cacheTimeSeconds: typeof call.params['cache_time'] === 'number' ? call.params['cache_time'] : 0,
    ...(typeof text === 'string' && text !== '' ? { text } : {}),
    ...(typeof url === 'string' && url !== '' ? { url } : {}),
  }
  callback.answer = answer
  world.events.emit({ type: 'callback-answer', callbackQueryId: callback.id, answer })
  return true
}

export function answerPreCheckoutQuery(world: World, call: Call): true {
  const { pre_checkout_query_id: id, ok, error_message: reason } = call.params
  const checkout = typeof id === 'string' ? world.checkouts.get(id) : undefined
  if (!checkout || world.now() > checkout.expiresAt) throw badRequest(tooOld)
  if (typeof ok !== 'boolean') throw badRequest('parameter "ok" is required')
  if (!ok && (typeof reason !== 'string' || reason === '')) throw badRequest('error message must be non-empty')
  checkout.settle({ ok, reason: typeof reason === 'string' ? reason : '' })
  return true
}
