import { addStory, type Cast, type Happening, type Narration } from './narration.ts'
import { tellStripe } from './tell-stripe.ts'
import { tellTelegram } from './tell-telegram.ts'

let pageStories = 0

/** Continues the timeline with one thing that happened. Changes nothing in place. */
export function tell(narration: Narration, happening: Happening, cast: Cast): Narration {
  switch (happening.source) {
    case 'telegram':
      return tellTelegram(narration, happening.event, happening.message, cast)
    case 'stripe':
      return tellStripe(narration, happening.entry, cast, happening.sessions)
    case 'page': {
      const { at, title, personId, tone = 'plain', wire = null } = happening
      pageStories += 1
      return addStory(narration, { id: `page-${pageStories}`, at, title, personId, tone, wire })
    }
    default:
      return narration
  }
}
