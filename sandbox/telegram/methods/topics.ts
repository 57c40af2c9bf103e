import { badRequest } from '../refusal.ts'
import { countCharacters } from '../text/formatted-text.ts'
import type { WireForumTopic } from '../wire.ts'
import type { Chat } from '../world/model.ts'
import {
  closeTopic,
  createTopic,
  deleteTopic,
  editTopic,
  iconColors,
  reopenTopic,
  topicIcons,
} from '../world/topics.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'
import { findTopic, findWritableChat, requireForum, requireRight, takeShare } from './targets.ts'

const maxNameCharacters = 128

function findForum(world: World, call: Call): Chat {
  const chat = findWritableChat(world, call.params)
  requireForum(chat)
  return chat
}

function findManaged(world: World, call: Call, text = 'not enough rights'): Chat {
  const chat = findForum(world, call)
  requireRight(chat, 'can_manage_topics', text)
  return chat
}

function checkName(name: unknown): string {
  if (typeof name !== 'string' || name.trim() === '') throw badRequest('TOPIC_TITLE_EMPTY')
  if (countCharacters(name) > maxNameCharacters) throw badRequest('TOPIC_TITLE_TOO_LONG')
  return name.trim()
}

function checkIcon(id: unknown): string | undefined {
  if (id === undefined || id === '') return undefined
  if (typeof id !== 'string' || !topicIcons.some((icon) => icon.id === id)) throw badRequest('DOCUMENT_INVALID')
  return id
}

export function createForumTopic(world: World, call: Call): WireForumTopic {
  const chat = findManaged(world, call, 'not enough rights to create a topic')
  const { params } = call
  const name = checkName(params['name'])
  const icon = checkIcon(params['icon_custom_emoji_id'])
  const color = params['icon_color'] ?? iconColors[0]
  if (typeof color !== 'number' || !iconColors.includes(color)) throw badRequest('invalid forum topic icon color')
  takeShare(world, chat, params)
  const topic = createTopic(world, chat, { name, iconColor: color, icon, by: world.bot })
  const emoji = topic.iconCustomEmojiId === undefined ? {} : { icon_custom_emoji_id: topic.iconCustomEmojiId }
  return { message_thread_id: topic.id, name: topic.name, icon_color: topic.iconColor, ...emoji }
}

export function editForumTopic(world: World, call: Call): true {
  const chat = findManaged(world, call)
  const { params } = call
  const topic = findTopic(chat, params['message_thread_id'])
  const name = params['name'] === undefined || params['name'] === '' ? undefined : checkName(params['name'])
  const icon =
    params['icon_custom_emoji_id'] === undefined ? undefined : (checkIcon(params['icon_custom_emoji_id']) ?? '')
  const isSameName = name === undefined || name === topic.name
  const isSameIcon = icon === undefined || icon === (topic.iconCustomEmojiId ?? '')
  if (isSameName && isSameIcon) throw badRequest('TOPIC_NOT_MODIFIED')
  takeShare(world, chat, params)
  editTopic(world, chat, topic, { name: isSameName ? undefined : name, icon: isSameIcon ? undefined : icon }, world.bot)
  return true
}

export function closeForumTopic(world: World, call: Call): true {
  const chat = findManaged(world, call)
  const topic = findTopic(chat, call.params['message_thread_id'])
  if (topic.closed) throw badRequest('TOPIC_NOT_MODIFIED')
  takeShare(world, chat, call.params)
  closeTopic(world, chat, topic, world.bot)
  return true
}

export function reopenForumTopic(world: World, call: Call): true {
  const chat = findManaged(world, call)
  const topic = findTopic(chat, call.params['message_thread_id'])
  if (!topic.closed) throw badRequest('TOPIC_NOT_MODIFIED')
  takeShare(world, chat, call.params)
  reopenTopic(world, chat, topic, world.bot)
  return true
}

export function deleteForumTopic(world: World, call: Call): true {
  const chat = findForum(world, call)
  requireRight(chat, 'can_delete_messages', 'not enough rights')
  const topic = findTopic(chat, call.params['message_thread_id'])
  takeShare(world, chat, call.params)
  deleteTopic(world, chat, topic, 'message thread not found')
  return true
}

export function editGeneralForumTopic(world: World, call: Call): true {
  const chat = findManaged(world, call)
  const name = checkName(call.params['name'])
  if (name === chat.general.name) throw badRequest('TOPIC_NOT_MODIFIED')
  editTopic(world, chat, null, { name }, world.bot)
  return true
}

export function closeGeneralForumTopic(world: World, call: Call): true {
  const chat = findManaged(world, call)
  if (chat.general.closed) throw badRequest('TOPIC_NOT_MODIFIED')
  closeTopic(world, chat, null, world.bot)
  return true
}

export function reopenGeneralForumTopic(world: World, call: Call): true {
  const chat = findManaged(world, call)
  if (!chat.general.closed) throw badRequest('TOPIC_NOT_MODIFIED')
  reopenTopic(world, chat, null, world.bot)
  return true
}

export function setGeneralHidden(hidden: boolean) {
  return (world: World, call: Call): true => {
    const chat = findManaged(world, call)
    if (chat.general.hidden === hidden) throw badRequest('TOPIC_NOT_MODIFIED')
    chat.general.hidden = hidden
    if (hidden) chat.general.closed = true
    world.events.emit({ type: 'chat', chatId: chat.id })
    return true
  }
}

export function getForumTopicIconStickers(): unknown[] {
  return topicIcons.map(({ id, emoji }) => ({
    file_id: `CAACAgIAAxkTopicIcon${id}`,
    file_unique_id: `AQADTopicIcon${id}`,
    type: 'custom_emoji',
    width: 512,
    height: 512,
    is_animated: true,
    is_video: false,
    emoji,
    set_name: 'Topics',
    custom_emoji_id: id,
  }))
}
