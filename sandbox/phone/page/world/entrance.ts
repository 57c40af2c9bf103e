import type { Setup } from '../../setup.ts'
import type { PageState } from './store.ts'

const PERSON_KEY = 'paydesk-sandbox-person'

/** What the page's address asks for, as Telegram's own links do: /<bot>?start=login the owner, /c/<group>/<topic> a topic. */
export function enter(setup: Setup): Partial<PageState> {
  const { pathname, search } = window.location
  const [, group, topic] = /^\/c\/(\d+)\/(\d+)$/.exec(pathname) ?? []
  if (topic && isGroup(setup, group)) {
    return { personId: recallPerson(setup), thread: Number(topic), tab: 'team', isTopicOpen: true }
  }
  if (new URLSearchParams(search).get('start') !== 'login') return { personId: recallPerson(setup) }
  // Only the first look is the owner's for sure: a reload keeps whoever was chosen since.
  window.history.replaceState(null, '', pathname)
  rememberPerson(setup.ownerId)
  return { personId: setup.ownerId, tab: 'phone' }
}

/** Where a link leads within Telegram, or within this page under whichever name it was opened; null for any other. */
export function pathOfTelegramLink(href: string): string | null {
  if (!URL.canParse(href)) return null
  const { origin, hostname, port, pathname, search } = new URL(href)
  const isLoopback = ['127.0.0.1', 'localhost'].includes(hostname) && port === window.location.port
  return origin === 'https://t.me' || origin === window.location.origin || isLoopback ? pathname + search : null
}

/** Links leave out what every group's number begins with. */
export function isGroup(setup: Setup, numberInLink: string | undefined): boolean {
  return `-100${numberInLink ?? ''}` === String(setup.groupId)
}

/** For as long as the browser's tab lives. */
export function rememberPerson(personId: number): void {
  sessionStorage.setItem(PERSON_KEY, String(personId))
}

function recallPerson({ peopleIds }: Setup): number {
  const stored = Number(sessionStorage.getItem(PERSON_KEY))
  return peopleIds.find((id) => id === stored) ?? peopleIds[0] ?? 0
}
