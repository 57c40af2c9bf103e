import type { DeletedTopicError } from '../control-types.ts'
import type { WireUser } from '../wire.ts'
import { addServiceMessage, deleteMessage } from './messages.ts'
import type { Chat, Topic } from './model.ts'
import type { World } from './world.ts'

export const iconColors = [7322096, 16766590, 13338331, 9367192, 16749490, 16478047]

/** Some of the icons a topic may have without Telegram Premium. */
export const topicIcons = [
  { id: '5312241539987020022', emoji: '🔥' },
  { id: '5312138559556164615', emoji: '❤' },
  { id: '5377316857231450742', emoji: '❓' },
  { id: '5379748062124056162', emoji: '❗' },
  { id: '5309958691854754293', emoji: '💎' },
  { id: '5350452584119279096', emoji: '💰' },
  { id: '5370870893004203704', emoji: '🗣' },
  { id: '5373251851074415873', emoji: '📝' },
  { id: '5433614043006903194', emoji: '📆' },
  { id: '5357315181649076022', emoji: '📁' },
  { id: '5309984423003823246', emoji: '📣' },
  { id: '5312536423851630001', emoji: '💡' },
  { id: '5312016608254762256', emoji: '⚡' },
  { id: '5418085807791545980', emoji: '🔝' },
  { id: '5420216386448270341', emoji: '🆒' },
  { id: '5377498341074542641', emoji: '‼' },
  { id: '5235579393115438657', emoji: '⭐' },
  { id: '5237699328843200968', emoji: '✅' },
  { id: '5312315739842026755', emoji: '🏆' },
  { id: '5408906741125490282', emoji: '🏁' },
]

export function createTopic(
  world: World,
  chat: Chat,
  about: { name: string; iconColor: number; icon?: string | undefined; by: WireUser },
): Topic {
  const { name, iconColor, icon, by } = about
  // The topic's id is the id of the service message that begins it, so the topic must stand before the message.
  const threadId = chat.ownCounter ?? 0
  const emoji = icon === undefined ? {} : { icon_custom_emoji_id: icon }
  const rootMessage = addServiceMessage(
    world,
    chat,
    'forum_topic_created',
    { name, icon_color: iconColor, ...emoji },
    { user: by, threadId },
  )
  const topic: Topic = { id: threadId, name, iconColor, closed: false, deletedError: null, rootMessage }
  if (icon !== undefined) topic.iconCustomEmojiId = icon
  chat.topics.set(threadId, topic)
  world.events.emit({ type: 'topic', chatId: chat.id, threadId, change: 'created' })
  return topic
}

export function editTopic(
  world: World,
  chat: Chat,
  topic: Topic | null,
  change: { name?: string | undefined; icon?: string | undefined },
  by: WireUser,
): void {
  const target = topic ?? chat.general
  if (change.name !== undefined) target.name = change.name
  if (topic && change.icon === '') Reflect.deleteProperty(topic, 'iconCustomEmojiId')
  else if (topic && change.icon !== undefined) topic.iconCustomEmojiId = change.icon
  const value = {
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.icon === undefined ? {} : { icon_custom_emoji_id: change.icon }),
  }
  announce(world, chat, topic, 'forum_topic_edited', value, by, 'edited')
}

export function closeTopic(world: World, chat: Chat, topic: Topic | null, by: WireUser): void {
  const target = topic ?? chat.general
  target.closed = true
  announce(world, chat, topic, 'forum_topic_closed', {}, by, 'closed')
}

export function reopenTopic(world: World, chat: Chat, topic: Topic | null, by: WireUser): void {
  const target = topic ?? chat.general
  target.closed = false
  announce(world, chat, topic, 'forum_topic_reopened', {}, by, 'reopened')
}

/** Nobody is told: the messages are gone and later calls fail with the given text. */
export function deleteTopic(world: World, chat: Chat, topic: Topic, error: DeletedTopicError): void {
  topic.deletedError = error
  const ids = [...chat.messages.values()].filter((message) => message.threadId === topic.id).map(({ id }) => id)
  deleteMessage(world, chat, ids)
  world.events.emit({ type: 'topic', chatId: chat.id, threadId: topic.id, change: 'deleted' })
}

function announce(
  world: World,
  chat: Chat,
  topic: Topic | null,
  service: string,
  value: unknown,
  by: WireUser,
  change: 'edited' | 'closed' | 'reopened',
): void {
  addServiceMessage(world, chat, service, value, { user: by, threadId: topic?.id ?? null })
  world.events.emit({ type: 'topic', chatId: chat.id, threadId: topic?.id ?? 1, change })
}
