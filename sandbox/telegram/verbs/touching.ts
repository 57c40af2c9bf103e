import { randomInt } from 'node:crypto'
import type { ControlVerbs, MessageRef, PressedButton } from '../control-types.ts'
import type { WireButton, WireReaction } from '../wire.ts'
import { getPerson, getWorldChat } from '../world/chats.ts'
import type { WirePoll } from '../world/content.ts'
import { noteEdited } from '../world/messages.ts'
import { setReaction } from '../world/reactions.ts'
import type { World } from '../world/world.ts'

type TouchingVerbs = Pick<ControlVerbs, 'react' | 'pressButton' | 'votePoll' | 'getCallbackAnswer'>

export function touchingVerbs(world: World): TouchingVerbs {
  return {
    react: (p) => react(world, p),
    pressButton: (p) => pressButton(world, p),
    votePoll: (p) => votePoll(world, p),
    getCallbackAnswer: ({ callbackQueryId }) => world.callbacks.get(callbackQueryId)?.answer ?? null,
  }
}

function getMessage(world: World, { chatId, messageId }: MessageRef) {
  const chat = getWorldChat(world, chatId)
  const message = world.findMessage(chat, messageId)
  if (!message) throw new Error(`no message ${messageId} in chat ${chatId}`)
  return message
}

/** The bot hears of it only if it asked for message_reaction; in groups only as an admin. */
function react(world: World, p: Parameters<ControlVerbs['react']>[0]): void {
  const message = getMessage(world, p)
  const { user } = getPerson(world, p.userId)
  const next: WireReaction[] = (p.emoji === null ? [] : [p.emoji].flat()).map((emoji) => ({ type: 'emoji', emoji }))
  const old = setReaction(world, message, user.id, next)
  const { chat } = message
  if (!chat.person && chat.botStatus !== 'administrator') return
  world.push('message_reaction', {
    chat: chat.wire,
    message_id: message.id,
    user,
    date: world.nowSeconds(),
    old_reaction: old,
    new_reaction: next,
  })
}

function pressButton(world: World, p: Parameters<ControlVerbs['pressButton']>[0]): PressedButton {
  const chat = getWorldChat(world, p.chatId)
  const { user } = getPerson(world, p.userId)
  const message = world.findMessage(chat, p.messageId)
  const buttons = message?.wire.reply_markup?.inline_keyboard.flat() ?? []
  const button = p.label === undefined ? undefined : buttons.find(({ text }) => text === p.label)
  if (p.label !== undefined && !button) {
    throw new Error(
      `no button "${p.label}" on message ${p.messageId}; there are: ${buttons.map(({ text }) => text).join(', ')}`,
    )
  }
  const data = p.data ?? button?.callback_data
  if (data === undefined) return opened(button)
  const id = String(randomInt(2 ** 47)) + String(randomInt(10_000, 99_999))
  world.callbacks.set(id, { id, expiresAt: world.now() + world.callbackDeadlineMs, answer: null })
  if (world.callbacks.size > 5000)
    for (const oldest of world.callbacks.keys()) if (world.callbacks.size > 4000) world.callbacks.delete(oldest)
  world.events.emit({ type: 'callback', callbackQueryId: id, chatId: chat.id, messageId: p.messageId, data })
  world.push('callback_query', {
    id,
    from: user,
    message: message?.wire ?? { chat: chat.wire, message_id: p.messageId, date: 0 },
    chat_instance: String(-chat.id * 31),
    data,
  })
  return { callbackQueryId: id }
}

function opened(button: WireButton | undefined): PressedButton {
  const webApp = button?.['web_app'] as { url?: string } | undefined
  const opens = button?.url ?? webApp?.url
  if (!button) throw new Error('say which button: by data or by label')
  return { callbackQueryId: null, ...(opens === undefined ? {} : { opens }) }
}

function votePoll(world: World, p: Parameters<ControlVerbs['votePoll']>[0]): void {
  const message = getMessage(world, p)
  const poll = message.wire['poll'] as WirePoll | undefined
  if (!poll || poll.is_closed) throw new Error(`message ${p.messageId} is no open poll`)
  for (const index of p.optionIndexes) {
    const option = poll.options[index]
    if (!option) throw new Error(`the poll has no option ${index}`)
    option.voter_count++
  }
  poll.total_voter_count++
  noteEdited(world, message)
  if (!message.fromBot) return
  world.push('poll', poll)
  if (poll['is_anonymous'] === true) return
  const persistent = p.optionIndexes.map((index) => poll.options[index]?.persistent_id ?? '')
  const { user } = getPerson(world, p.userId)
  world.push('poll_answer', { poll_id: poll.id, user, option_ids: p.optionIndexes, option_persistent_ids: persistent })
}
