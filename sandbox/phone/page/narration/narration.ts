import type { TimelineEntry, WireObject } from '#sandbox/stripe/control-types.ts'
import type { MessageView, WorldEvent } from '#sandbox/telegram/control-types.ts'

/** One call over the wire, as the panel shows it. */
export interface Wire {
  title: string
  at: number
  durationMs: number | null
  sent: unknown
  received: unknown
}

export type Tone = 'plain' | 'good' | 'warning' | 'bad'

export interface Step {
  id: string
  text: string
  tone: Tone
  durationMs: number | null
  wire: Wire
}

/** What somebody did, and everything that followed from it. */
export interface Story {
  id: string
  at: number
  title: string
  /** The user whom it is about. */
  personId: number | null
  /** From what was done to the last thing that followed; milliseconds. */
  tookMs: number | null
  tone: Tone
  wire: Wire | null
  steps: Step[]
}

/** Newest story last. The rest is memory: who is behind a topic, a payment, an album. */
export interface Narration {
  stories: Story[]
  personOfThread: Record<string, number>
  storyOfObject: Record<string, string>
  /** Who is behind a pay link, by its token, and behind what came of it at Stripe, by the ids there. */
  personOfReference: Record<string, number>
}

export const emptyNarration: Narration = { stories: [], personOfThread: {}, storyOfObject: {}, personOfReference: {} }

/** Who is who, so that lines can say names. */
export interface Cast {
  botName: string
  groupId: number
  nameOf(userId: number): string
  /** Has a phone on the page. */
  isPerson(userId: number): boolean
  knows(userId: number): boolean
}

export type Happening =
  | { source: 'telegram'; event: WorldEvent; message?: MessageView | null }
  /** `sessions` may tell whom the entry is about where nothing told before does. */
  | { source: 'stripe'; entry: TimelineEntry; sessions?: WireObject[] }
  /** Done on this page, where no event says who did it. */
  | { source: 'page'; at: number; title: string; personId: number | null; tone?: Tone; wire?: Wire }

const MOST_STORIES = 60
const MOST_STEPS = 40
/** What comes later than this after a deed is told as a thing of its own. */
const BELONGS_WITHIN_MS = 20_000

export function addStory(narration: Narration, story: Omit<Story, 'steps' | 'tookMs'>): Narration {
  const stories = [...narration.stories, { ...story, steps: [], tookMs: null }].slice(-MOST_STORIES)
  return { ...narration, stories }
}

/** Adds a line to a story; to a new one that only has this line if there is none. */
export function addStep(
  narration: Narration,
  storyId: string | null,
  step: Step,
  otherwise: { title: string; personId: number | null },
): Narration {
  const exists = storyId !== null && narration.stories.some((story) => story.id === storyId)
  const id = exists ? storyId : `of-${step.id}`
  const base = exists
    ? narration
    : addStory(narration, { id, at: step.wire.at, ...otherwise, tone: 'plain', wire: null })
  const stories = base.stories.map((story) => {
    if (story.id !== id) return story
    const endedAt = step.wire.at + (step.durationMs ?? 0)
    return {
      ...story,
      steps: [...story.steps, step].slice(-MOST_STEPS),
      tookMs: Math.max(story.tookMs ?? 0, Math.round(endedAt - story.at)),
    }
  })
  return { ...base, stories }
}

/** The newest story about a person that is young enough for something to follow from it. */
export function recentStoryOf(narration: Narration, personId: number | null, at: number): string | null {
  for (const story of narration.stories.toReversed()) {
    if (story.personId !== personId) continue
    return isYoung(story, at) ? story.id : null
  }
  return null
}

/** The newest story that one of these objects of Stripe’s is part of, if it is young enough. */
export function recentStoryAbout(narration: Narration, objectIds: readonly string[], at: number): string | null {
  const ids = new Set(objectIds.map((id) => narration.storyOfObject[id]))
  const story = narration.stories.findLast(({ id }) => ids.has(id))
  return story && isYoung(story, at) ? story.id : null
}

export function recentStory(narration: Narration, at: number): string | null {
  const story = narration.stories.at(-1)
  return story && isYoung(story, at) ? story.id : null
}

function isYoung(story: Story, at: number): boolean {
  return at - (story.at + (story.tookMs ?? 0)) < BELONGS_WITHIN_MS
}

/** Puts lines back to where they belong after their story's person became known. */
export function rememberThread(narration: Narration, threadKey: string, personId: number): Narration {
  return { ...narration, personOfThread: { ...narration.personOfThread, [threadKey]: personId } }
}

const PAY_LINK = /\/checkout\/([\w-]+)/g

export function payLinksIn(content: unknown): string[] {
  const text = JSON.stringify(content) ?? ''
  return Array.from(text.matchAll(PAY_LINK), ([, token]) => token ?? '')
}

export function rememberReferences(narration: Narration, references: readonly string[], personId: number): Narration {
  if (references.every((reference) => narration.personOfReference[reference] === personId)) return narration
  const added = Object.fromEntries(references.map((reference) => [reference, personId]))
  return { ...narration, personOfReference: { ...narration.personOfReference, ...added } }
}

export function rememberObject(narration: Narration, objectIds: readonly string[], storyId: string): Narration {
  const added = Object.fromEntries(objectIds.map((id) => [id, storyId]))
  return { ...narration, storyOfObject: { ...narration.storyOfObject, ...added } }
}
