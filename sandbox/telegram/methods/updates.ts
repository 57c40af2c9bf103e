import { RawResult } from '../raw-result.ts'
import { badRequest } from '../refusal.ts'
import { type Params, violation } from '../schema/read-params.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'

const knownKinds = new Set(
  'message edited_message channel_post edited_channel_post business_connection business_message edited_business_message deleted_business_messages guest_message stopped_message_generation message_reaction message_reaction_count inline_query chosen_inline_result callback_query shipping_query pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member chat_join_request chat_boost removed_chat_boost managed_bot subscription'.split(
    ' ',
  ),
)

/** Remembered until it is named again; an empty list is the default set. */
function rememberAllowed(world: World, params: Params): void {
  const kinds = params['allowed_updates']
  if (kinds === undefined) return
  for (const kind of kinds as unknown[]) {
    if (typeof kind !== 'string' || !knownKinds.has(kind))
      throw violation(`unknown update kind ${JSON.stringify(kind)}`)
  }
  world.queue.allowed = (kinds as string[]).length > 0 ? [...(kinds as string[])] : null
}

const clamp = (value: unknown, otherwise: number, low: number, high: number): number =>
  typeof value === 'number' ? Math.min(high, Math.max(low, value)) : otherwise

export function getUpdates(world: World, call: Call): RawResult | Promise<RawResult> {
  const { params } = call
  rememberAllowed(world, params)
  return world.queue.poll(
    {
      offset: typeof params['offset'] === 'number' ? params['offset'] : 0,
      limit: clamp(params['limit'], 100, 1, 100),
      timeoutSeconds: clamp(params['timeout'], 0, 0, 50),
    },
    call.onGone,
  )
}

const byWebhook = 'Conflict: terminated by setWebhook request'

export function setWebhook(world: World, call: Call): true {
  const { url, secret_token: secret } = call.params
  if (url === undefined || url === '') return deleteWebhook(world, call)
  if (typeof url !== 'string' || !isReachable(url))
    throw badRequest('bad webhook: An HTTPS URL must be provided for webhook')
  if (typeof secret === 'string' && !/^[A-Za-z0-9_-]{1,256}$/.test(secret)) {
    throw badRequest('secret token contains unallowed characters')
  }
  rememberAllowed(world, call.params)
  if (call.params['drop_pending_updates'] === true) world.queue.drop()
  world.queue.endOlderPoll(byWebhook)
  world.webhook.set(url, typeof secret === 'string' ? secret : undefined)
  return true
}

/** HTTPS, or plain HTTP to this machine, where the real server would insist on HTTPS. */
function isReachable(url: string): boolean {
  return /^https:\/\//i.test(url) || /^http:\/\/(127\.0\.0\.1|localhost)[:/]/i.test(url)
}

export function deleteWebhook(world: World, call: Call): true {
  if (call.params['drop_pending_updates'] === true) world.queue.drop()
  world.webhook.set('', undefined)
  return true
}

export function getWebhookInfo(world: World): Record<string, unknown> {
  const { pending, allowedUpdates, webhookUrl } = world.queue.view()
  return {
    url: webhookUrl,
    has_custom_certificate: false,
    pending_update_count: pending,
    ...(allowedUpdates === null ? {} : { allowed_updates: allowedUpdates }),
    ...world.webhook.lastError(),
  }
}
