import { type Cast, emptyNarration, type Happening, type Narration } from '../narration/narration.ts'
import { tell } from '../narration/tell.ts'
import { getState, personById, setState } from './store.ts'
import { readStored } from './stored.ts'

const BUYERS_KEY = 'paydesk-sandbox-buyers'
const MOST_REFERENCES_KEPT = 1_000

/** Adds what happened to the timeline. */
export function narrate(happening: Happening): void {
  const { narration } = getState()
  const told = tell(narration, happening, castNow())
  setState({ narration: told })
  if (told.personOfReference !== narration.personOfReference) keepBuyers(told)
}

/** A pay link is gone from the chat once it is paid; so this browser remembers whose it was. */
function keepBuyers({ personOfReference }: Narration): void {
  const newest = Object.entries(personOfReference).slice(-MOST_REFERENCES_KEPT)
  localStorage.setItem(BUYERS_KEY, JSON.stringify(Object.fromEntries(newest)))
}

/** A timeline with nothing on it yet that knows who is behind earlier payments. */
export function newNarration(): Narration {
  return { ...emptyNarration, personOfReference: readStored(localStorage, BUYERS_KEY, {}) }
}

/** For what people do on this page and no event of the world names a doer of. */
export function narrateDeed(title: string, personId: number | null): void {
  narrate({ source: 'page', at: Date.now(), title, personId })
}

export function nameOf(userId: number): string {
  const person = personById(getState(), userId)?.user
  return person?.first_name ?? 'Somebody'
}

export function castNow(): Cast {
  const { setup } = getState()
  return {
    botName: setup?.bot.name ?? 'The bot',
    groupId: setup?.groupId ?? 0,
    nameOf,
    knows: (userId) => personById(getState(), userId) !== undefined,
    isPerson: (userId) => setup?.peopleIds.includes(userId) ?? false,
  }
}
