import type { OutboxPurpose } from '#core/outbox/outbox-item.ts'

interface Words {
  /** Before the name of whom it concerns. */
  before: string
  /** What became of it. */
  happened: string
}

const words: Partial<Record<string, Words>> = {
  relay: { before: 'Message from', happened: 'It did not reach its topic' },
  reply: { before: 'Answer to', happened: 'It was not delivered' },
  content: { before: 'Purchase of', happened: 'What was bought could not be delivered' },
  teaser: { before: 'Offer to', happened: 'It was not delivered' },
  case: { before: 'Payment question of', happened: 'It did not reach the group' },
  kept: { before: 'Kept messages of', happened: 'They could not be passed on' },
  card: { before: 'Card of', happened: 'It could not be brought up to date' },
  farewell: { before: 'Topic of', happened: 'It could not be put away' },
} satisfies Partial<Record<OutboxPurpose, Words>>

const others: Words = { before: 'Message to', happened: 'It was not delivered' }

/** How people call what was owed to Telegram and given up. */
export function undeliveredWords(purpose: string): Words {
  return words[purpose] ?? others
}
