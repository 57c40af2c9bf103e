import type { Home } from '#core/analytics/home-reader.ts'

/** How many things went wrong that a person has to look at; people who wait for an answer are none of them. */
export function countTroubles({ troubles, queues }: Pick<Home, 'troubles' | 'queues'>): number {
  return troubles.counts.alerts + troubles.counts.quarantined + queues.outbox.dead + queues.inbox.dead
}
