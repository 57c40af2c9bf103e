import type { KeyboardEvent } from 'react'
import { Avatar } from '../ui/avatar.tsx'
import { choosePerson } from '../world/actions.ts'
import { usePage } from '../world/store.ts'

/** Whose phone is on the screen. */
export function PeopleSwitcher() {
  const people = usePage((state) => state.people)
  const peopleIds = usePage((state) => state.setup?.peopleIds)
  const ownerId = usePage((state) => state.setup?.ownerId)
  const personId = usePage((state) => state.personId)
  const unreadOf = usePage((state) => state.unreadOf)
  const shown = (peopleIds ?? []).flatMap((id) => people.find(({ user }) => user.id === id)?.user ?? [])
  return (
    <div className="people" role="radiogroup" aria-label="Whose phone" onKeyDown={moveChoice}>
      {shown.map((user) => {
        const name = [user.first_name, user.last_name].filter(Boolean).join(' ')
        const unread = unreadOf[user.id] ?? 0
        const role = user.id === ownerId ? ', owner' : ''
        return (
          <button
            key={user.id}
            type="button"
            role="radio"
            aria-checked={user.id === personId}
            aria-label={`${name}${role}${unread ? `, ${unread} new` : ''}`}
            tabIndex={user.id === personId ? 0 : -1}
            className="person"
            title={name}
            onClick={() => choosePerson(user.id)}
          >
            <Avatar name={name} seed={user.id} size={28} />
            <span dir="auto">{user.first_name}</span>
            {unread > 0 && (
              <b className="count" aria-hidden="true">
                {unread}
              </b>
            )}
          </button>
        )
      })}
    </div>
  )
}

function moveChoice(event: KeyboardEvent<HTMLDivElement>): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  event.preventDefault()
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="radio"]')]
  const at = all.findIndex((radio) => radio === document.activeElement)
  const next = all[(at + step + all.length) % all.length]
  next?.focus()
  next?.click()
}
