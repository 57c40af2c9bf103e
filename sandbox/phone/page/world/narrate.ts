import { type Cast, type Happening } from '../narration/narration.ts'
import { tell } from '../narration/tell.ts'
import { getState, personById, setState } from './store.ts'

/** Adds what happened to the timeline. */
export function narrate(happening: Happening): void {
  setState(({ narration }) => ({ narration: tell(narration, happening, castNow()) }))
}

/** For what people do on this page and no event of the world names a doer of. */
export function narrateDeed(title: string, personId: number | null): void {
  narrate({ source: 'page', at: Date.now(), title, personId })
}

export function nameOf(userId: number): string {
  const person = personById(getState(), userId)?.user
  return person?.first_name ?? 'Somebody'
}

function castNow(): Cast {
  const { setup } = getState()
  return {
    botName: setup?.bot.name ?? 'The bot',
    groupId: setup?.groupId ?? 0,
    nameOf,
    knows: (userId) => personById(getState(), userId) !== undefined,
    isPerson: (userId) => setup?.peopleIds.includes(userId) ?? false,
  }
}
