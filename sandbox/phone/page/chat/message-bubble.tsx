import { CheckCheck, EllipsisVertical, Lock, Pin } from 'lucide-react'
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useRef, useState } from 'react'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { previewOfReply } from '../narration/words.ts'
import { clockTime, exactTime } from '../ui/times.ts'
import { react, type Seat, sendText } from '../world/actions.ts'
import type { Draft } from './draft.ts'
import { InlineKeyboard } from './inline-keyboard.tsx'
import { FileMedia, Media } from './media.tsx'
import type { Row } from './message-groups.ts'
import { MessageMenu } from './message-menu.tsx'
import { RichText } from './rich-text.tsx'
import { hueOf } from './seed.ts'

const LONG_PRESS_MS = 450

interface MessageBubbleProps {
  seat: Seat
  row: Extract<Row, { kind: 'bubble' }>
  isTabStop: boolean
  onFocus: () => void
  onDraft: (draft: Draft) => void
}

export function MessageBubble({ seat, row, isTabStop, onFocus, onDraft }: MessageBubbleProps) {
  const article = useRef<HTMLElement>(null)
  const [menu, setMenu] = useState<{ point: { x: number; y: number } | null } | null>(null)
  const longPress = useLongPress((point) => setMenu({ point }))
  const [message] = row.messages
  const isAlbum = row.messages.length > 1
  const classes = [
    'bubble-row',
    message.outgoing ? 'is-out' : 'is-in',
    row.isFirst && 'is-first',
    row.isLast && 'is-last',
  ]
  const what = isAlbum ? `Album of ${row.messages.length}` : 'Message'
  const author = message.outgoing && !message.author.anonymous ? 'you' : message.author.name
  return (
    <article
      ref={article}
      className={classes.filter(Boolean).join(' ')}
      aria-label={`${what} from ${author}`}
      data-message-id={message.messageId}
      tabIndex={isTabStop ? 0 : -1}
      onFocus={onFocus}
      onKeyDown={(event) => opensMenu(event) && setMenu({ point: null })}
      onContextMenu={(event) => {
        event.preventDefault()
        setMenu({ point: { x: event.clientX, y: event.clientY } })
      }}
      {...longPress}
    >
      <div className="bubble-line">
        <Bubble seat={seat} row={row} />
        <button
          type="button"
          className="icon-button more"
          tabIndex={-1}
          aria-label="Message actions"
          aria-haspopup="menu"
          aria-expanded={menu !== null}
          onClick={() => setMenu({ point: null })}
        >
          <EllipsisVertical aria-hidden size={16} />
        </button>
      </div>
      {message.buttons && <InlineKeyboard seat={seat} message={message} />}
      {menu && (
        <MessageMenu
          seat={seat}
          messages={row.messages}
          anchor={article}
          point={menu.point}
          onClose={() => setMenu(null)}
          onDraft={onDraft}
        />
      )}
    </article>
  )
}

function opensMenu(event: KeyboardEvent<HTMLElement>): boolean {
  if (event.target !== event.currentTarget) return false
  const opens = event.key === 'Enter' || event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')
  if (opens) event.preventDefault()
  return opens
}

function useLongPress(onLongPress: (point: { x: number; y: number }) => void) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const stop = () => clearTimeout(timer.current)
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType !== 'touch') return
      const point = { x: event.clientX, y: event.clientY }
      timer.current = setTimeout(() => onLongPress(point), LONG_PRESS_MS)
    },
    onPointerUp: stop,
    onPointerMove: stop,
    onPointerCancel: stop,
  }
}

function Bubble({ seat, row }: { seat: Seat; row: MessageBubbleProps['row'] }) {
  const [message] = row.messages
  const isAlbum = row.messages.length > 1
  const isPlainRows = isAlbum && row.messages.some(({ media }) => media?.kind === 'audio' || media?.kind === 'document')
  const written = row.messages.filter((part) => part.text)
  // As in Telegram: of several captions of pictures none is shown in the chat.
  const worded = written.length > 1 && !isPlainRows ? [] : written
  const captioned = worded.at(-1) ?? message
  const isBare = worded.length === 0 && (message.media?.kind === 'sticker' || message.media?.kind === 'video_note')
  const showsAuthor = seat.side === 'team' && row.isFirst && !(message.outgoing && !message.author.anonymous)
  const pinned = row.messages.some((part) => part.pinned)
  const isFloating = worded.length > 0 && message.reactions.length === 0
  const onCommand = (command: string) => void sendText(seat, command)
  return (
    <div className={isBare ? 'bubble is-bare' : 'bubble'}>
      {showsAuthor && (
        <b className="author" style={{ '--hue': hueOf(String(message.author.id)) } as CSSProperties} dir="auto">
          {message.author.name}
          {message.author.anonymous && <small> admin</small>}
        </b>
      )}
      {message.forwardedFrom && <p className="forwarded">Forwarded from {message.forwardedFrom}</p>}
      {message.replyTo && (
        <div className="reply-quote">
          <b dir="auto">{message.replyTo.author}</b>
          <span dir="auto">{previewOfReply(message)}</span>
        </div>
      )}
      {isAlbum ? <Album messages={row.messages} isRows={isPlainRows} /> : <Media message={message} />}
      {worded.map((part) => (
        <RichText
          key={part.messageId}
          text={part.text ?? ''}
          entities={part.entities}
          onCommand={onCommand}
          tail={isFloating && part === captioned && <Meta message={part} pinned={pinned} isFloating />}
        />
      ))}
      {!isFloating && (
        <div className="bubble-foot">
          <Reactions seat={seat} message={message} />
          <Meta message={captioned} pinned={pinned} />
        </div>
      )}
    </div>
  )
}

function Album({ messages, isRows }: { messages: MessageView[]; isRows: boolean }) {
  const tiles = messages.flatMap(({ media, messageId }) => (media ? [{ media, messageId }] : []))
  return (
    <div className={isRows ? 'album is-rows' : 'album'} data-count={tiles.length}>
      {tiles.map(({ media, messageId }) => (
        <FileMedia key={messageId} media={media} isTile={!isRows} />
      ))}
    </div>
  )
}

function Reactions({ seat, message }: { seat: Seat; message: MessageView }) {
  if (message.reactions.length === 0) return null
  return (
    <div className="reactions">
      {message.reactions.map(({ emoji, count, mine, byBot }) => (
        <button
          key={emoji}
          type="button"
          className={mine ? 'reaction is-mine' : 'reaction'}
          aria-pressed={mine}
          aria-label={`${emoji} ${count}${byBot ? ', from the bot' : ''}`}
          title={byBot ? 'From the bot' : undefined}
          onClick={() => void react(seat, message, emoji)}
        >
          {emoji}
          {count > 1 && <small>{count}</small>}
        </button>
      ))}
    </div>
  )
}

function Meta({ message, pinned, isFloating }: { message: MessageView; pinned: boolean; isFloating?: boolean }) {
  const atMs = message.date * 1000
  return (
    <span className={isFloating ? 'meta is-floating' : 'meta'} dir="ltr">
      {pinned && <Pin role="img" aria-label="Pinned" size={11} />}
      {message.protectedContent && (
        <span title="Protected: cannot be saved or forwarded">
          <Lock role="img" aria-label="Protected content" size={11} />
        </span>
      )}
      {message.editDate !== undefined && <span>edited</span>}
      <time dateTime={new Date(atMs).toISOString()} title={exactTime(atMs)}>
        {clockTime(atMs)}
      </time>
      {message.outgoing && <CheckCheck aria-hidden size={14} />}
    </span>
  )
}
