import { Paperclip, SendHorizontal, SlashSquare, X } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { previewOf } from '../narration/words.ts'
import { MenuButton } from '../ui/menu-button.tsx'
import { editMessage, type Seat, sendAlbum, sendMedia, sendText } from '../world/actions.ts'
import { attempt } from '../world/attempt.ts'
import { loadCommands } from '../world/refresh.ts'
import { chatKey, usePage } from '../world/store.ts'
import { type Attachment, attachments } from './attachments.tsx'
import { type Draft, newDraft, untouchedDraft } from './draft.ts'

interface ComposerProps {
  seat: Seat
  label: string
  placeholder: string
  draft: Draft
  onDraft: (draft: Draft) => void
  /** The newest message the writer may edit; the up arrow takes it. */
  lastOwn: MessageView | undefined
  /** In the place of the button for commands. */
  extra?: ReactNode
}

export function Composer({ seat, label, placeholder, draft, onDraft, lastOwn, extra }: ComposerProps) {
  const [text, setText] = useState(draft.kind === 'edit' ? (draft.message.text ?? '') : '')
  const field = useRef<HTMLTextAreaElement>(null)
  const suggestions = useSuggestions(seat, text)
  useEffect(() => {
    if (draft !== untouchedDraft) field.current?.focus()
  }, [draft])

  const done = () => {
    setText('')
    onDraft(newDraft)
  }
  const replyTo = draft.kind === 'reply' ? draft.to.messageId : undefined
  const send = async (words = text) => {
    if (words.trim() === '') return
    const sent =
      draft.kind === 'edit' ? await editMessage(seat, draft.message, words) : await sendText(seat, words, replyTo)
    if (sent) done()
  }
  const attach = attachments.map((attachment) => ({
    label: attachment.label,
    icon: attachment.icon,
    onSelect: () => void sendAttachment(attachment),
  }))
  const sendAttachment = async (attachment: Attachment) => {
    const sent = await ('album' in attachment
      ? sendAlbum(seat, attachment.album(text))
      : sendMedia(seat, attachment.item(text), replyTo))
    if (sent) done()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (suggestions.onKey(event, (command) => void send(command))) return
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      void send()
    }
    if (event.key === 'Escape' && draft.kind !== 'new') done()
    if (event.key === 'ArrowUp' && text === '' && lastOwn) {
      event.preventDefault()
      onDraft({ kind: 'edit', message: lastOwn })
    }
  }
  return (
    <form
      className="composer"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {suggestions.list((command) => void send(command))}
      <DraftBar draft={draft} onCancel={done} />
      <div className="composer-line">
        <MenuButton
          label="Attach"
          icon={<Paperclip aria-hidden size={18} />}
          items={attach}
          disabled={draft.kind === 'edit'}
        />
        <textarea
          ref={field}
          rows={1}
          value={text}
          dir="auto"
          aria-label={label}
          placeholder={placeholder}
          maxLength={8192}
          onChange={(event) => {
            setText(event.target.value)
            suggestions.startOver()
          }}
          onKeyDown={onKeyDown}
        />
        {extra ?? (
          <button
            type="button"
            className="icon-button"
            aria-label="Commands"
            title="Commands"
            onClick={() => {
              setText('/')
              field.current?.focus()
            }}
          >
            <SlashSquare aria-hidden size={18} />
          </button>
        )}
        <button
          type="submit"
          className="icon-button is-primary"
          aria-label="Send"
          title="Send"
          disabled={text.trim() === ''}
        >
          <SendHorizontal aria-hidden size={18} />
        </button>
      </div>
    </form>
  )
}

function showInList(entry: HTMLElement | null): void {
  entry?.scrollIntoView({ block: 'nearest' })
}

function DraftBar({ draft, onCancel }: { draft: Draft; onCancel: () => void }) {
  if (draft.kind === 'new') return null
  const message = draft.kind === 'reply' ? draft.to : draft.message
  return (
    <div className="draft-bar">
      <div className="reply-quote">
        <b dir="auto">{draft.kind === 'reply' ? `Reply to ${message.author.name}` : 'Edit message'}</b>
        <span dir="auto">{previewOf(message)}</span>
      </div>
      <button type="button" className="icon-button" aria-label="Cancel" onClick={onCancel}>
        <X aria-hidden size={16} />
      </button>
    </div>
  )
}

/** What the bot offers while a command is being typed. */
function useSuggestions(seat: Seat, text: string) {
  const commands = usePage((state) => state.commands[chatKey(seat.chatId)])
  const [chosen, setChosen] = useState(0)
  const isCommand = /^\/\w*$/.test(text)
  const fitting = isCommand ? (commands ?? []).filter(({ command }) => command.startsWith(text.slice(1))) : []
  useEffect(() => {
    if (isCommand) void attempt(seat.side, () => loadCommands(seat.userId, seat.chatId))
  }, [isCommand, seat.side, seat.userId, seat.chatId])
  const at = Math.min(chosen, Math.max(0, fitting.length - 1))
  const onKey = (event: KeyboardEvent, choose: (command: string) => void): boolean => {
    const current = fitting[at]
    if (!current) return false
    if (event.key === 'ArrowDown') setChosen((at + 1) % fitting.length)
    else if (event.key === 'ArrowUp') setChosen((at + fitting.length - 1) % fitting.length)
    else if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) choose(`/${current.command}`)
    else return false
    event.preventDefault()
    return true
  }
  const list = (onChoose: (command: string) => void): ReactNode =>
    fitting.length === 0 ? null : (
      <ul className="suggestions" aria-label="Commands">
        {fitting.map(({ command, description }, index) => (
          <li key={command}>
            <button
              type="button"
              ref={index === at ? showInList : undefined}
              className={index === at ? 'suggestion is-chosen' : 'suggestion'}
              onClick={() => onChoose(`/${command}`)}
            >
              <b>/{command}</b> <span dir="auto">{description}</span>
            </button>
          </li>
        ))}
      </ul>
    )
  return { onKey, list, startOver: () => setChosen(0) }
}
