import type { Message } from 'grammy/types'
import type { OutboxContext } from '#bot/workers/outbox/context.ts'
import type { ClaimedItem, OutboxMessage } from '#core/outbox/claim-items.ts'
import { type OutboxPayload, outboxPayloads } from '#core/outbox/outbox-item.ts'

/** Short texts of one user that wait behind each other are shown to the team as one. */
export interface Bundle {
  /** In the order in which they were written; the first is the row that is being sent. */
  messages: OutboxMessage[]
  /** All texts, one per line, with their formatting. */
  message: Message
  /** What the newest of them says about the user. */
  payload: OutboxPayload<'relay'>
}

/** Rows that one call may carry. A group takes about twenty messages a minute, and a burst should need one of them. */
export const MOST_BUNDLED = 20
/** Leaves room for the header in a message of 4,096 characters, and for its entities among the hundred allowed. */
const LONGEST_BUNDLE = 3_500
const MOST_ENTITIES = 90

/** Gathers the texts behind the first one, as far as they fit into one message. Null when the first goes alone. */
export async function bundleTexts(
  { facts }: OutboxContext,
  first: OutboxMessage,
  behind: readonly ClaimedItem[],
): Promise<Bundle | null> {
  if (behind.length === 0 || !isPlainText(first)) return null
  const payloads = behind.map(({ payload }) => outboxPayloads.relay.safeParse(payload).data)
  const messages = await Promise.all(
    behind.map(async ({ messages: known }, index) => {
      const ids = payloads[index]?.messageIds ?? []
      return ids.length === 1 ? (known?.[0] ?? facts.messages.load(ids[0] ?? '')) : undefined
    }),
  )
  const joined = new JoinedText(first)
  while (joined.messages.length <= behind.length) {
    const next = messages[joined.messages.length - 1]
    if (!next || !isPlainText(next) || !joined.append(next)) break
  }
  const payload = payloads[joined.messages.length - 2]
  return payload ? { messages: joined.messages, message: joined.toMessage(), payload } : null
}

/** Texts that answer something or show a preview of their own stay by themselves. */
function isPlainText({ content }: OutboxMessage): boolean {
  const message = content as Message
  return (
    typeof message.text === 'string' &&
    !message.reply_to_message &&
    !message.external_reply &&
    !message.quote &&
    !message.link_preview_options
  )
}

class JoinedText {
  readonly messages: OutboxMessage[]
  private readonly first: Message
  private text: string
  private readonly entities: NonNullable<Message['entities']>

  constructor(first: OutboxMessage) {
    this.messages = [first]
    this.first = first.content as Message
    this.text = this.first.text ?? ''
    this.entities = [...(this.first.entities ?? [])]
  }

  append(next: OutboxMessage): boolean {
    const { text = '', entities = [] } = next.content as Message
    const isTooMuch =
      this.text.length + 1 + text.length > LONGEST_BUNDLE || this.entities.length + entities.length > MOST_ENTITIES
    if (isTooMuch) return false
    // Offsets count UTF-16 units, as the length of a string does.
    const shift = this.text.length + 1
    this.text = `${this.text}\n${text}`
    this.entities.push(...entities.map((entity) => ({ ...entity, offset: entity.offset + shift })))
    this.messages.push(next)
    return true
  }

  toMessage(): Message {
    return { ...this.first, text: this.text, entities: this.entities }
  }
}
