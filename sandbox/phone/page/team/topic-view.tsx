import { ChevronLeft, EllipsisVertical, Hash, Lock, LockOpen, Pencil, Pin, Trash2, VenetianMask } from 'lucide-react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import type { MessageView, TopicView as Topic } from '#sandbox/telegram/control-types.ts'
import { Composer } from '../chat/composer.tsx'
import { type Draft, draftKey, untouchedDraft } from '../chat/draft.ts'
import { MessageList } from '../chat/message-list.tsx'
import { previewOf } from '../narration/words.ts'
import { Avatar } from '../ui/avatar.tsx'
import type { MenuItem } from '../ui/floating-menu.tsx'
import { MenuButton } from '../ui/menu-button.tsx'
import { changeTopic, type Seat, sawThread } from '../world/actions.ts'
import { chatKey, personById, setState, usePage } from '../world/store.ts'

const nothing: never[] = []

export function TopicView() {
  const setup = usePage((state) => state.setup)
  const thread = usePage((state) => state.thread) ?? 'general'
  const topic = usePage((state) => state.topics.find(({ threadId }) => threadId === state.thread) ?? null)
  const hasTopics = usePage((state) => state.topics.length > 0)
  const owner = usePage((state) => personById(state, state.setup?.ownerId ?? 0)?.user.first_name ?? 'Owner')
  const groupId = setup?.groupId ?? 0
  const messages = usePage((state) => state.messages[chatKey(groupId, thread)] ?? nothing)
  const isTyping = usePage((state) => (state.typingUntil[chatKey(groupId, thread)] ?? 0) > Date.now())
  const [drafts, setDrafts] = useState<Record<string, Draft>>({})
  const [anonymous, setAnonymous] = useState(false)
  const view = useRef<HTMLElement>(null)
  const isOnScreen = useIsOnScreen(view)
  useEffect(() => {
    if (isOnScreen && document.hasFocus() && messages.length > 0) sawThread()
  }, [isOnScreen, messages])
  if (!setup) return null
  const seat: Seat = { side: 'team', userId: setup.ownerId, chatId: groupId, thread, anonymous }
  const setDraft = (next: Draft) => setDrafts((all) => ({ ...all, [thread]: next }))
  // A user's topic is begun by the bot, any other by somebody of the team.
  const isOfUser = topic !== null && (messages[0]?.author.isBot ?? true)
  const draft = drafts[thread] ?? untouchedDraft
  const name = topic?.name ?? 'General'
  return (
    <section ref={view} className="topic-view" aria-label={`Topic ${name}`}>
      <header className="chat-header">
        <button
          type="button"
          className="icon-button only-narrow"
          aria-label="Back to topics"
          onClick={() => setState({ isTopicOpen: false })}
        >
          <ChevronLeft aria-hidden size={20} />
        </button>
        {topic ? (
          <Avatar name={name} seed={topic.threadId} />
        ) : (
          <span className="avatar is-plain" aria-hidden="true">
            <Hash size={18} />
          </span>
        )}
        <div className="chat-title">
          <h2 dir="auto">{name}</h2>
          <p>{topic?.closed ? 'closed' : isOfUser ? 'your replies go to the user' : 'for the team alone'}</p>
        </div>
        {topic && (
          <MenuButton
            label="Topic options"
            icon={<EllipsisVertical aria-hidden size={18} />}
            items={topicItems(seat, topic)}
          />
        )}
      </header>
      <PinnedBar messages={messages} />
      <MessageList
        seat={seat}
        label={`Messages in ${name}`}
        messages={messages}
        isTyping={isTyping}
        onDraft={setDraft}
        empty={hasTopics ? <NothingHere /> : <NoTopics />}
      />
      <Composer
        key={`${thread}:${draftKey(draft)}`}
        seat={seat}
        label={anonymous ? 'Reply anonymously' : `Reply as ${owner}`}
        placeholder={anonymous ? 'Reply as the group' : isOfUser ? 'Reply to the user' : 'Message to the team'}
        draft={draft}
        onDraft={setDraft}
        lastOwn={messages.findLast((message) => message.outgoing && message.text)}
        extra={
          <button
            type="button"
            className="icon-button"
            aria-pressed={anonymous}
            aria-label="Write anonymously"
            title={anonymous ? 'You write as the group' : 'Write as the group instead of as yourself'}
            onClick={() => setAnonymous(!anonymous)}
          >
            <VenetianMask aria-hidden size={18} />
          </button>
        }
      />
    </section>
  )
}

/** A narrow screen has room for one thing at a time. */
function useIsOnScreen(view: RefObject<HTMLElement | null>): boolean {
  const [isOnScreen, setOnScreen] = useState(false)
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setOnScreen(entry?.isIntersecting ?? false))
    if (view.current) observer.observe(view.current)
    return () => observer.disconnect()
  }, [view])
  return isOnScreen
}

function topicItems(seat: Seat, topic: Topic): MenuItem[] {
  const rename = () => {
    const name = window.prompt('New name of the topic', topic.name)?.trim()
    if (name) void changeTopic(seat, { name })
  }
  return [
    topic.closed
      ? {
          label: 'Reopen topic',
          icon: <LockOpen aria-hidden size={16} />,
          onSelect: () => void changeTopic(seat, 'reopen'),
        }
      : { label: 'Close topic', icon: <Lock aria-hidden size={16} />, onSelect: () => void changeTopic(seat, 'close') },
    { label: 'Rename topic', icon: <Pencil aria-hidden size={16} />, onSelect: rename },
    {
      label: 'Delete topic',
      icon: <Trash2 aria-hidden size={16} />,
      isDangerous: true,
      onSelect: () => void changeTopic(seat, 'delete'),
    },
  ]
}

/** The newest pinned message stays on top; a click leads to it. */
function PinnedBar({ messages }: { messages: readonly MessageView[] }) {
  const pinned = messages.findLast((message) => message.pinned && !message.service)
  if (!pinned) return null
  const show = () => {
    const target = document.querySelector<HTMLElement>(`.topic-view [data-message-id="${pinned.messageId}"]`)
    target?.scrollIntoView({ block: 'center' })
    target?.focus({ preventScroll: true })
  }
  return (
    <button type="button" className="pinned-bar" aria-label="Pinned message, show it" onClick={show}>
      <Pin aria-hidden size={14} />
      <span dir="auto">{previewOf(pinned).replace(/\s*\n\s*/g, ' · ')}</span>
    </button>
  )
}

function NoTopics() {
  return (
    <div className="empty">
      <h3>The team’s side</h3>
      <p>
        Everybody who writes to the bot gets a topic of their own here. Let Ann buy some credits and write: her topic
        appears by itself.
      </p>
    </div>
  )
}

function NothingHere() {
  return (
    <div className="empty">
      <p>Nothing here yet.</p>
    </div>
  )
}
