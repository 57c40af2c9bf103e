import { Ban, CircleCheck, EllipsisVertical } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Composer } from '../chat/composer.tsx'
import { type Draft, draftKey, findAskedReply, placeholderOf, untouchedDraft } from '../chat/draft.ts'
import { MessageList } from '../chat/message-list.tsx'
import { Logo } from '../ui/logo.tsx'
import { MenuButton } from '../ui/menu-button.tsx'
import { Toasts } from '../ui/toasts.tsx'
import { type Seat, sendText, setBlocked } from '../world/actions.ts'
import { chatKey, personById, usePage } from '../world/store.ts'
import { PeopleSwitcher } from './people-switcher.tsx'

const nothing: never[] = []

/** A user's phone with the chat with the bot open. */
export function Phone() {
  const personId = usePage((state) => state.personId)
  const setup = usePage((state) => state.setup)
  const person = usePage((state) => personById(state, state.personId))
  const messages = usePage((state) => state.messages[chatKey(state.personId)] ?? nothing)
  const isTyping = usePage((state) => (state.typingUntil[chatKey(state.personId)] ?? 0) > Date.now())
  const [drafts, setDrafts] = useState<Record<number, Draft>>({})
  const [givenUp, setGivenUp] = useState<Record<number, number>>({})
  const begun = drafts[personId] ?? untouchedDraft
  const asked = findAskedReply(messages)
  const isAsked = begun.kind === 'new' && asked !== undefined && asked.messageId !== givenUp[personId]
  const draft = useMemo<Draft>(() => (isAsked ? { kind: 'reply', to: asked } : begun), [isAsked, asked, begun])
  if (!setup || !person) return null
  const seat: Seat = { side: 'phone', userId: personId, chatId: personId, thread: null, anonymous: false }
  const setDraft = (next: Draft) => {
    setDrafts((all) => ({ ...all, [personId]: next }))
    if (asked) setGivenUp((all) => ({ ...all, [personId]: asked.messageId }))
  }
  const isNew = messages.length === 0 && !person.started
  return (
    <div className="phone">
      <PeopleSwitcher />
      <section className="device" aria-label={`Phone of ${person.user.first_name}`}>
        <header className="chat-header">
          <Logo size={36} />
          <div className="chat-title">
            <h2 dir="auto">{setup.bot.name}</h2>
            <p>{isTyping ? 'typing…' : person.blockedBot ? 'blocked' : 'bot'}</p>
          </div>
          <MenuButton
            label="Chat options"
            icon={<EllipsisVertical aria-hidden size={18} />}
            items={[blockItem(person.blockedBot, personId)]}
          />
        </header>
        <MessageList
          seat={seat}
          label={`Chat with ${setup.bot.name}`}
          messages={messages}
          isTyping={isTyping}
          onDraft={setDraft}
          empty={<FirstVisit name={person.user.first_name} isNew={isNew} />}
        />
        {person.blockedBot ? (
          <footer className="chat-foot">
            <button
              type="button"
              className="button is-primary is-wide"
              onClick={() => void setBlocked(personId, false)}
            >
              Unblock the bot
            </button>
          </footer>
        ) : isNew ? (
          <footer className="chat-foot">
            <button type="button" className="button is-primary is-wide" onClick={() => void sendText(seat, '/start')}>
              Start
            </button>
          </footer>
        ) : (
          <Composer
            key={`${personId}:${draftKey(draft)}`}
            seat={seat}
            label={`Message as ${person.user.first_name}`}
            placeholder={placeholderOf(draft)}
            draft={draft}
            onDraft={setDraft}
            lastOwn={messages.findLast((message) => message.outgoing && message.text && !message.text.startsWith('/'))}
          />
        )}
        <Toasts side="phone" />
      </section>
    </div>
  )
}

function blockItem(isBlocked: boolean, userId: number) {
  return isBlocked
    ? {
        label: 'Unblock the bot',
        icon: <CircleCheck aria-hidden size={16} />,
        onSelect: () => void setBlocked(userId, false),
      }
    : {
        label: 'Block the bot',
        icon: <Ban aria-hidden size={16} />,
        isDangerous: true,
        onSelect: () => void setBlocked(userId, true),
      }
}

function FirstVisit({ name, isNew }: { name: string; isNew: boolean }) {
  return (
    <div className="empty">
      <Logo size={64} />
      <h3 dir="auto">You are {name}</h3>
      {isNew ? (
        <p>
          This is {name}’s phone. Press <b>Start</b> below to meet the bot, just as a new customer would.
        </p>
      ) : (
        <p>
          This is {name}’s phone, and {name} set the bot up. It answers <code>/login</code> with a link to the
          dashboard, and tells of trouble here.
        </p>
      )}
    </div>
  )
}
