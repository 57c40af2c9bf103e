import { ArrowUpRight, Check, LoaderCircle, Star } from 'lucide-react'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import type { WireButton } from '#sandbox/telegram/wire.ts'
import { followTelegramLink, payInvoice, press, type Seat } from '../world/actions.ts'
import { attempt, showToast } from '../world/attempt.ts'
import { usePage } from '../world/store.ts'
import { safeHref } from './entity-tree.ts'

/** The buttons under a bot's message. They really press; links really open. */
export function InlineKeyboard({ seat, message }: { seat: Seat; message: MessageView }) {
  return (
    <div className="inline-keyboard" role="group" aria-label="Buttons">
      {(message.buttons ?? []).map((buttons, row) => (
        <div key={`${row}-${buttons[0]?.text}`} className="inline-row">
          {buttons.map((button, column) => (
            <InlineButton
              key={`${column}-${button.text}`}
              seat={seat}
              message={message}
              button={button}
              row={row}
              column={column}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

interface InlineButtonProps {
  seat: Seat
  message: MessageView
  button: WireButton
  row: number
  column: number
}

function InlineButton({ seat, message, button, row, column }: InlineButtonProps) {
  const isWaiting = usePage(({ presses }) =>
    Object.values(presses).some(
      (pressed) =>
        pressed.messageId === message.messageId &&
        pressed.chatId === message.chatId &&
        pressed.row === row &&
        pressed.column === column,
    ),
  )
  const href = hrefOf(button)
  if (href) {
    return (
      <a
        className="inline-button"
        href={href}
        target="_blank"
        rel="noreferrer"
        onClick={(event) => {
          if (followTelegramLink(href)) event.preventDefault()
        }}
      >
        <span dir="auto">{button.text}</span>
        <ArrowUpRight aria-hidden size={12} className="corner" />
        <span className="visually-hidden"> (opens a new tab)</span>
      </a>
    )
  }
  if (button.pay === true && message.paid) {
    return (
      <button type="button" className="inline-button" disabled>
        <span>Paid</span>
        <Check aria-hidden size={12} className="corner" />
      </button>
    )
  }
  return (
    <button type="button" className="inline-button" aria-busy={isWaiting} onClick={() => void tap()}>
      <span dir="auto">{button.text}</span>
      {button.pay === true && <Star aria-hidden size={12} className="corner" />}
      {isWaiting && <LoaderCircle aria-hidden size={12} className="corner spin" />}
    </button>
  )

  async function tap(): Promise<void> {
    const copied = (button.copy_text as { text?: string } | undefined)?.text
    if (button.pay === true) return payInvoice(seat, { chatId: message.chatId, messageId: message.messageId })
    if (copied === undefined) return press(seat, message, row, column)
    if (await attempt(seat.side, () => navigator.clipboard.writeText(copied))) showToast(seat.side, 'Copied')
  }
}

function hrefOf(button: WireButton): string | null {
  const webApp = (button.web_app as { url?: string } | undefined)?.url
  const login = (button.login_url as { url?: string } | undefined)?.url
  const address = button.url ?? webApp ?? login
  return address === undefined ? null : safeHref(address)
}
