import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { startOfDay } from '../ui/times.ts'

const SAME_BREATH_SECONDS = 300

/** What stands as one row in a chat: a day, a service line, a bubble, or an album as one bubble. */
export type Row =
  | { kind: 'day'; key: string; atMs: number }
  | { kind: 'service'; key: string; message: MessageView }
  | { kind: 'bubble'; key: string; messages: [MessageView, ...MessageView[]]; isFirst: boolean; isLast: boolean }

type BubbleRow = Extract<Row, { kind: 'bubble' }>

/** Messages, oldest first, as rows: days between them, albums together, one author's messages in a row closer. */
export function groupMessages(messages: readonly MessageView[]): Row[] {
  const rows: Row[] = []
  let day = Number.NaN
  for (const message of messages) {
    const atMs = message.date * 1000
    if (startOfDay(atMs) !== day) {
      day = startOfDay(atMs)
      rows.push({ kind: 'day', key: `day-${day}`, atMs })
    }
    const last = rows.at(-1)
    if (message.service) {
      rows.push({ kind: 'service', key: String(message.messageId), message })
    } else if (last?.kind === 'bubble' && message.albumId && last.messages[0].albumId === message.albumId) {
      last.messages.push(message)
    } else {
      rows.push(bubble(message, last))
    }
  }
  return rows
}

function bubble(message: MessageView, last: Row | undefined): BubbleRow {
  const goesOn = last?.kind === 'bubble' && isSameBreath(last.messages[0], message)
  if (goesOn) last.isLast = false
  return { kind: 'bubble', key: String(message.messageId), messages: [message], isFirst: !goesOn, isLast: true }
}

function isSameBreath(one: MessageView, next: MessageView): boolean {
  const isSameAuthor = one.author.id === next.author.id && one.author.anonymous === next.author.anonymous
  return isSameAuthor && next.date - one.date < SAME_BREATH_SECONDS
}
