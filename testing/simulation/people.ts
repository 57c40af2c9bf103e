import type { MessageView } from '#sandbox/telegram/control-types.ts'
import type { Catalogue } from '#testing/simulation/catalogue.ts'
import type { Dice } from '#testing/simulation/dice.ts'
import { eventually } from '#testing/simulation/patience.ts'
import type { StarsReceipt } from '#testing/simulation/stars.ts'
import type { World } from '#testing/simulation/world.ts'

/** A message that somebody wrote: its Telegram ids, what stands in it and what it costs without a pass. */
export interface Said {
  messageIds: number[]
  marks: string[]
  cost: number
}

/** Somebody who writes to the bot, and what they know of their own doings. */
export interface Person {
  id: number
  name: string
  dice: Dice
  said: Said[]
  /** Their customers at Stripe: usually one, more when they paid twice at the same moment. */
  customers: Set<string>
  /** The most that they ever agreed to have charged by itself in a month. */
  agreedCapMinor: number
  referrer: Person | null
  stars: StarsReceipt[]
}

export interface Town {
  world: World
  catalogue: Catalogue
  people: Person[]
  counts: Record<string, number>
}

/** Counts what happened, for the summary. */
export function count({ counts }: Town, what: string, by = 1): void {
  counts[what] = (counts[what] ?? 0) + by
}

/** What the bot wrote in a private chat after a message, oldest first. */
export function answersAfter({ world }: Town, { id }: Person, messageId: number): MessageView[] {
  return world.telegram
    .listMessages({ chatId: id, afterMessageId: messageId, limit: 200 })
    .filter(({ author, service }) => author.isBot && !service)
}

/** Sends a command and waits for the first answer that fits. */
export async function ask(
  town: Town,
  person: Person,
  text: string,
  fits: (answer: MessageView) => boolean = () => true,
): Promise<MessageView> {
  const { world } = town
  const { message_id: messageId } = world.telegram.sendText({
    userId: person.id,
    text,
    entities: [{ type: 'bot_command', offset: 0, length: text.split(' ')[0]?.length ?? 0 }],
  })
  return eventually(
    () => answersAfter(town, person, messageId).find(fits),
    () => `an answer to “${text}” of ${person.id}\n${world.botLog()}`,
  )
}

/** Taps something that the bot once offered, whether or not it still stands there. */
export function tap({ world }: Town, { id }: Person, { messageId }: Pick<MessageView, 'messageId'>, data: string) {
  return world.telegram.pressButton({ chatId: id, messageId, userId: id, data })
}

/** What the first button sends whose data begins like this. */
export function buttonIn({ buttons }: MessageView, beginning: string): string | null {
  for (const { callback_data: data } of (buttons ?? []).flat()) if (data?.startsWith(beginning)) return data
  return null
}

/** The first address of this kind behind a message's buttons. */
export function linkIn({ buttons }: MessageView, part: string): string | null {
  for (const button of (buttons ?? []).flat()) {
    if (button.url?.includes(part)) return button.url
  }
  return null
}
