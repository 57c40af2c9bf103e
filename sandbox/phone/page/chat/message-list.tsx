import { ArrowDown } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, type UIEvent, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { serviceText } from '../narration/words.ts'
import { dayName } from '../ui/times.ts'
import type { Seat } from '../world/actions.ts'
import { isWholeChat, showEarlier } from '../world/refresh.ts'
import { chatKey } from '../world/store.ts'
import type { Draft } from './draft.ts'
import { MessageBubble } from './message-bubble.tsx'
import { groupMessages } from './message-groups.ts'

interface MessageListProps {
  seat: Seat
  label: string
  messages: readonly MessageView[]
  empty: ReactNode
  /** The bot is about to say something. */
  isTyping: boolean
  onDraft: (draft: Draft) => void
}

const NEAR_THE_END_PX = 80

function isFarFromEnd(box: HTMLElement): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight > NEAR_THE_END_PX
}

export function MessageList({ seat, label, messages, empty, isTyping, onDraft }: MessageListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const key = chatKey(seat.chatId, seat.thread)
  const rows = useMemo(() => groupMessages(messages), [messages])
  const [focusedKey, setFocusedKey] = useState<string | null>(null)
  const was = useRef({ key: '', lastId: 0, isAtEnd: true })
  const [isAway, setAway] = useState(false)
  // New messages come into sight while one is reading at the end; who has scrolled up is left alone.
  useLayoutEffect(() => {
    const box = scroller.current
    if (!box) return
    const last = messages.at(-1)
    const isOwn = last !== undefined && last.outgoing && last.messageId > was.current.lastId
    const follows = was.current.key !== key || was.current.isAtEnd || isOwn
    was.current = { key, lastId: last?.messageId ?? 0, isAtEnd: follows }
    if (follows) box.scrollTo({ top: box.scrollHeight })
    else setAway(!isTyping && isFarFromEnd(box))
  }, [key, messages, isTyping])
  const onScroll = (event: UIEvent<HTMLDivElement>) => {
    const isFar = isFarFromEnd(event.currentTarget)
    was.current.isAtEnd = !isFar
    setAway(isFar)
  }
  const goToEnd = () => scroller.current?.scrollTo({ top: scroller.current.scrollHeight })
  const lastBubble = rows.findLast((row) => row.kind === 'bubble')?.key
  const tabStop = rows.some((row) => row.key === focusedKey) ? focusedKey : lastBubble
  return (
    <div className="messages-frame">
      <div
        ref={scroller}
        className="messages"
        role="log"
        aria-label={label}
        tabIndex={0}
        onKeyDown={moveFocus}
        onScroll={onScroll}
      >
        {messages.length === 0 && empty}
        {messages.length > 0 && !isWholeChat(key) && (
          <button
            type="button"
            className="button is-small earlier"
            onClick={() => void showEarlier(seat.chatId, seat.thread)}
          >
            Show earlier messages
          </button>
        )}
        <ol>
          {rows.map((row) => (
            <li key={row.key} className={`row-${row.kind}`}>
              {row.kind === 'day' && <span className="pill">{dayName(row.atMs)}</span>}
              {row.kind === 'service' && (
                <span className="pill" dir="auto">
                  {serviceText(row.message)}
                </span>
              )}
              {row.kind === 'bubble' && (
                <MessageBubble
                  seat={seat}
                  row={row}
                  isTabStop={row.key === tabStop}
                  onFocus={() => setFocusedKey(row.key)}
                  onDraft={onDraft}
                />
              )}
            </li>
          ))}
        </ol>
        {isTyping && (
          <p className="typing">
            <span /> <span /> <span />
            <i className="visually-hidden">The bot is typing</i>
          </p>
        )}
      </div>
      {isAway && (
        <button type="button" className="to-end" aria-label="To the newest messages" onClick={goToEnd}>
          <ArrowDown aria-hidden size={18} />
        </button>
      )}
    </div>
  )
}

/** Arrows walk from message to message; everything inside of one is reached with Tab. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  if (!['ArrowUp', 'ArrowDown', 'Home', 'End'].includes(event.key)) return
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('article')]
  const at = all.findIndex((article) => article === event.target)
  if (at < 0) return
  event.preventDefault()
  const target = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key] ?? at
  all[Math.max(0, Math.min(target, all.length - 1))]?.focus()
}
