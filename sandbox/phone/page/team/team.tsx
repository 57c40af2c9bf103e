import { Toasts } from '../ui/toasts.tsx'
import { usePage } from '../world/store.ts'
import { TopicList } from './topic-list.tsx'
import { TopicView } from './topic-view.tsx'

/** The team's group as an admin sees it: the list of topics, and one of them. On a phone one after the other. */
export function Team() {
  const group = usePage((state) => state.group)
  const setup = usePage((state) => state.setup)
  const isTopicOpen = usePage((state) => state.isTopicOpen)
  if (!group || !setup) return null
  return (
    <section className={isTopicOpen ? 'team is-topic-open' : 'team'} aria-label="Team group">
      <TopicList />
      <TopicView />
      <Toasts side="team" />
    </section>
  )
}
