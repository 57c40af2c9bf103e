import { badRequest } from '../refusal.ts'
import { type Params, textOf } from '../schema/read-params.ts'
import { countCharacters } from '../text/formatted-text.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'
import { findOwnChat } from './targets.ts'

export function getMe(world: World): Record<string, unknown> {
  return {
    ...world.bot,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  }
}

const plainScopes = ['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators']

/** One key per scope and language; the control side looks commands up by the same keys. */
export function scopeKey(scope: Params | undefined, language: unknown): string {
  const { type = 'default', chat_id: chatId = '', user_id: userId = '' } = scope ?? {}
  return [type, chatId, userId, typeof language === 'string' ? language : ''].map(String).join('|')
}

function readScope(world: World, params: Params): string {
  const scope = params['scope'] as Params | undefined
  const type = scope ? textOf(scope, 'type') : 'default'
  if (plainScopes.includes(type)) return scopeKey(scope, params['language_code'])
  if (!['chat', 'chat_administrators', 'chat_member'].includes(type)) {
    throw badRequest("can't parse BotCommandScope: type not found")
  }
  const chat = findOwnChat(world, scope ?? {})
  return scopeKey({ ...scope, chat_id: chat.id }, params['language_code'])
}

export function setMyCommands(world: World, call: Call): true {
  const key = readScope(world, call.params)
  const commands = call.params['commands']
  if (!Array.isArray(commands)) throw badRequest("can't parse commands: must be an Array")
  if (commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH')
  const kept = (commands as Params[]).map(({ command, description }) => {
    if (typeof command !== 'string' || !/^\/?[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID')
    if (typeof description !== 'string' || description === '' || countCharacters(description) > 256) {
      throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID')
    }
    return { command: command.replace(/^\//, ''), description }
  })
  world.commands.set(key, kept)
  world.events.emit({ type: 'commands' })
  return true
}

export function getMyCommands(world: World, call: Call): unknown[] {
  return world.commands.get(readScope(world, call.params)) ?? []
}

export function deleteMyCommands(world: World, call: Call): true {
  world.commands.delete(readScope(world, call.params))
  world.events.emit({ type: 'commands' })
  return true
}

export function setProfile(field: string, maxCharacters: number) {
  return (world: World, call: Call): true => {
    const value = textOf(call.params, field)
    if (countCharacters(value) > maxCharacters) throw badRequest(`${field} is too long`)
    world.profile.set(`${field}|${textOf(call.params, 'language_code')}`, value)
    return true
  }
}

export function getProfile(field: string) {
  return (world: World, call: Call): Record<string, string> => {
    const own = world.profile.get(`${field}|${textOf(call.params, 'language_code')}`)
    const fallback = field === 'name' ? world.bot.first_name : ''
    return { [field]: own ?? world.profile.get(`${field}|`) ?? fallback }
  }
}

export function setChatMenuButton(world: World, call: Call): true {
  const chatId = call.params['chat_id']
  world.menuButtons.set(typeof chatId === 'number' ? chatId : 0, call.params['menu_button'] ?? { type: 'default' })
  return true
}

export function getChatMenuButton(world: World, call: Call): unknown {
  const chatId = call.params['chat_id']
  return (
    world.menuButtons.get(typeof chatId === 'number' ? chatId : 0) ?? world.menuButtons.get(0) ?? { type: 'commands' }
  )
}
