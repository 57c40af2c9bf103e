import { Braces, Copy, Pencil, Pin, Reply, Trash2 } from 'lucide-react'
import type { RefObject } from 'react'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { FloatingMenu, type MenuItem } from '../ui/floating-menu.tsx'
import { deleteMessage, react, type Seat, togglePin } from '../world/actions.ts'
import { showToast } from '../world/attempt.ts'
import { setState } from '../world/store.ts'
import type { Draft } from './draft.ts'

const reactions = ['👍', '❤️', '🔥', '🎉', '😁', '😢', '👎']
/** The red heart goes over the wire without its variation selector. */
const onTheWire = (emoji: string) => (emoji === '❤️' ? '❤' : emoji)

interface MessageMenuProps {
  seat: Seat
  messages: [MessageView, ...MessageView[]]
  anchor: RefObject<HTMLElement | null>
  point: { x: number; y: number } | null
  onClose: () => void
  onDraft: (draft: Draft) => void
}

export function MessageMenu({ seat, messages, anchor, point, onClose, onDraft }: MessageMenuProps) {
  const [message] = messages
  const mine = message.reactions.filter((reaction) => reaction.mine).map((reaction) => reaction.emoji)
  const top = (
    <div className="reaction-row" role="group" aria-label="React">
      {reactions.map((emoji) => (
        <button
          key={emoji}
          type="button"
          role="menuitemcheckbox"
          aria-checked={mine.includes(onTheWire(emoji))}
          tabIndex={-1}
          aria-label={`React with ${emoji}`}
          onClick={() => {
            onClose()
            anchor.current?.focus({ preventScroll: true })
            void react(seat, message, onTheWire(emoji))
          }}
        >
          {emoji}
        </button>
      ))}
    </div>
  )
  return (
    <FloatingMenu
      label="Message actions"
      anchor={anchor}
      point={point}
      top={top}
      items={itemsFor(seat, messages, onDraft)}
      onClose={onClose}
    />
  )
}

function itemsFor(seat: Seat, messages: MessageMenuProps['messages'], onDraft: (draft: Draft) => void): MenuItem[] {
  const [message] = messages
  const captioned = messages.find((part) => part.text) ?? message
  const items: MenuItem[] = [
    { label: 'Reply', icon: <Reply aria-hidden size={16} />, onSelect: () => onDraft({ kind: 'reply', to: message }) },
  ]
  const canEdit = captioned.outgoing && !captioned.extra && captioned.media?.kind !== 'sticker'
  if (canEdit && (captioned.text || captioned.media))
    items.push({
      label: 'Edit',
      icon: <Pencil aria-hidden size={16} />,
      onSelect: () => onDraft({ kind: 'edit', message: captioned }),
    })
  if (captioned.text && !captioned.protectedContent)
    items.push({
      label: 'Copy text',
      icon: <Copy aria-hidden size={16} />,
      onSelect: () => copy(seat, captioned.text ?? ''),
    })
  if (seat.side === 'team')
    items.push({
      label: message.pinned ? 'Unpin' : 'Pin',
      icon: <Pin aria-hidden size={16} />,
      onSelect: () => void togglePin(seat, message),
    })
  items.push({ label: 'Show on the wire', icon: <Braces aria-hidden size={16} />, onSelect: () => showWire(message) })
  if (message.outgoing || seat.side === 'team')
    items.push({
      label: 'Delete',
      icon: <Trash2 aria-hidden size={16} />,
      isDangerous: true,
      onSelect: () => void Promise.all(messages.map((part) => deleteMessage(seat, part))),
    })
  return items
}

function copy(seat: Seat, text: string): void {
  navigator.clipboard.writeText(text).then(
    () => showToast(seat.side, 'Copied'),
    () => showToast(seat.side, 'The browser does not allow copying here', 'bad'),
  )
}

function showWire(message: MessageView): void {
  setState({
    wire: { title: 'Message', at: message.date * 1000, durationMs: null, sent: message.wire, received: null },
  })
}
