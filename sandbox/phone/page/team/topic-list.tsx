import { Hash, Lock, Plus } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { previewOf } from '../narration/words.ts'
import { Avatar } from '../ui/avatar.tsx'
import { clockTime } from '../ui/times.ts'
import { chooseThread } from '../world/actions.ts'
import { attempt } from '../world/attempt.ts'
import { telegram } from '../world/control.ts'
import { countUnseenIn } from '../world/refresh.ts'
import { chatKey, getState, type Thread, usePage } from '../world/store.ts'

const nothing: never[] = []

export function TopicList() {
  const group = usePage((state) => state.group)
  const topics = usePage((state) => state.topics)
  const thread = usePage((state) => state.thread)
  const seen = usePage((state) => state.seenInThread)
  const general = usePage((state) => state.messages[chatKey(state.setup?.groupId ?? 0, 'general')] ?? nothing)
  if (!group) return null
  const isOpen = (target: Thread) => (thread ?? 'general') === target
  return (
    <div className="topics">
      <header className="chat-header">
        <Avatar name={group.title} seed={group.id} />
        <div className="chat-title">
          <h2 dir="auto">{group.title}</h2>
          <p>{topics.length === 1 ? '1 topic' : `${topics.length} topics`}</p>
        </div>
        <button
          type="button"
          className="icon-button"
          aria-label="New topic"
          title="New topic"
          onClick={() => void addTopic()}
        >
          <Plus aria-hidden size={18} />
        </button>
      </header>
      <nav aria-label="Topics" onKeyDown={moveFocus}>
        <ul>
          {topics.map((topic) => (
            <li key={topic.threadId}>
              <TopicEntry
                name={topic.name}
                seed={String(topic.threadId)}
                isOpen={isOpen(topic.threadId)}
                isClosed={topic.closed}
                last={topic.lastMessage}
                unread={countUnseenIn(topic, seen)}
                onOpen={() => void chooseThread(topic.threadId)}
              />
            </li>
          ))}
          <li>
            <TopicEntry
              name="General"
              seed="general"
              isOpen={isOpen('general')}
              isClosed={group.generalClosed}
              last={general.at(-1) ?? null}
              unread={0}
              onOpen={() => void chooseThread('general')}
            />
          </li>
        </ul>
      </nav>
    </div>
  )
}

interface TopicEntryProps {
  name: string
  seed: string
  isOpen: boolean
  isClosed: boolean
  last: MessageView | null
  unread: number
  onOpen: () => void
}

function TopicEntry({ name, seed, isOpen, isClosed, last, unread, onOpen }: TopicEntryProps) {
  const hasUnread = unread > 0 && !isOpen
  const state = [hasUnread ? `${unread} unread` : '', isClosed ? 'closed' : ''].filter(Boolean).join(', ')
  return (
    <button
      type="button"
      className="topic"
      aria-current={isOpen ? 'true' : undefined}
      aria-label={state ? `${name}, ${state}` : name}
      tabIndex={isOpen ? 0 : -1}
      onClick={onOpen}
    >
      {seed === 'general' ? (
        <span className="avatar is-plain" aria-hidden="true">
          <Hash size={18} />
        </span>
      ) : (
        <Avatar name={name} seed={seed} />
      )}
      <span className="topic-text">
        <span className="topic-line">
          <b dir="auto">{name}</b>
          {isClosed && <Lock aria-hidden size={12} />}
          {last && <time dateTime={new Date(last.date * 1000).toISOString()}>{clockTime(last.date * 1000)}</time>}
        </span>
        <span className="topic-line">
          <span className="preview" dir="auto">
            {last ? previewOf(last) : 'Nothing yet'}
          </span>
          {hasUnread && <b className="count">{unread}</b>}
        </span>
      </span>
    </button>
  )
}

function addTopic(): Promise<boolean> {
  return attempt('team', async () => {
    const { setup } = getState()
    if (!setup) return
    const topic = await telegram('createTopic', { chatId: setup.groupId, userId: setup.ownerId, name: 'Team talk' })
    await chooseThread(topic.threadId)
  })
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  event.preventDefault()
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('button')]
  const at = all.findIndex((button) => button === document.activeElement)
  all[Math.max(0, Math.min(at + step, all.length - 1))]?.focus()
}
