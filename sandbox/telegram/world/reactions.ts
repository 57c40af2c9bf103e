import type { WireReaction } from '../wire.ts'
import type { StoredMessage } from './model.ts'
import type { World } from './world.ts'

/** The emoji that ordinary reactions may have; ✅ and ❌ are not among them. */
const allowedEmoji = new Set(
  '👍 👎 ❤ 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡'.split(
    ' ',
  ),
)

/** With or without the variation selector that makes a heart red. */
export function isAllowedEmoji(emoji: string): boolean {
  return allowedEmoji.has(emoji) || allowedEmoji.has(emoji.replaceAll('\ufe0f', ''))
}

/** Replaces somebody's reactions; returns what they were. */
export function setReaction(
  world: World,
  message: StoredMessage,
  actorId: number,
  reactions: WireReaction[],
): WireReaction[] {
  const old = message.reactions.get(actorId) ?? []
  if (old.length === 0 && reactions.length === 0) return old
  const next = new Map(message.reactions)
  if (reactions.length === 0) next.delete(actorId)
  else next.set(actorId, reactions)
  message.reactions = next
  world.events.emit({ type: 'reaction', chatId: message.chat.id, messageId: message.id })
  return old
}
