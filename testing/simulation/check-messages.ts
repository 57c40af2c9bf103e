import { type Finding, found } from '#testing/simulation/findings.ts'
import type { Person, Said, Town } from '#testing/simulation/people.ts'
import { BOT_ID, GROUP } from '#testing/simulation/places.ts'

/** What the books know of one message. */
interface Known {
  user_message_id: string
  cost: number
}

/** Every message that was taken was charged once and stands in the topic; every other was not, and does not. */
export async function checkMessages(town: Town): Promise<Finding[]> {
  const wrong: string[] = []
  for (const person of town.people) wrong.push(...(await checkPerson(town, person)))
  return found('Messages that were not charged once and shown', wrong)
}

async function checkPerson(town: Town, person: Person): Promise<string[]> {
  const { world } = town
  const accepted = await world.query<Known>(
    `SELECT user_message_id, cost FROM messages WHERE user_id = $1 AND direction = 'in'`,
    [person.id],
  )
  const entries = await world.query<{ ref: string; kind: string; amount: number }>(
    `SELECT ref, kind, amount FROM ledger_entries WHERE user_id = $1 AND kind IN ('spend', 'release')`,
    [person.id],
  )
  const shown = marksInTopics(town, person)
  return person.said.flatMap((said) => checkSaid(person, said, { accepted, entries, shown }))
}

interface Facts {
  accepted: Known[]
  entries: { ref: string; kind: string; amount: number }[]
  shown: ReadonlyMap<string, number>
}

function checkSaid({ id }: Person, { messageIds, marks, cost }: Said, { accepted, entries, shown }: Facts): string[] {
  const name = `message ${messageIds.join('+')} of ${id}`
  const ours = accepted.filter((known) => messageIds.includes(Number(known.user_message_id)))
  const refs = messageIds.map((messageId) => `msg:${BOT_ID}:${id}:${messageId}`)
  const charges = entries.filter(({ ref }) => refs.includes(ref))
  const missing = marks.filter((mark) => !shown.has(mark))
  if (ours.length === 0) {
    return [
      ...(charges.length > 0 ? [`${name} was not taken, but charged`] : []),
      ...(missing.length < marks.length ? [`${name} was not taken, but stands in the topic`] : []),
    ]
  }
  const costs = ours.reduce((sum, known) => sum + known.cost, 0)
  const isCharged = charges.length === 1 && charges[0]?.amount === -cost
  const isFree = costs === 0 && charges.length === 0
  return [
    ...(ours.length === messageIds.length ? [] : [`${name}: only ${ours.length} parts were taken`]),
    ...(isCharged || isFree ? [] : [`${name} costs ${cost}, its entries are ${JSON.stringify(charges)}`]),
    ...(missing.length === 0 ? [] : [`${name} was taken, but ${missing.join(' ')} is not in the topic`]),
  ]
}

/** How often each mark stands in this person's topics. */
function marksInTopics({ world }: Town, { id }: Person): Map<string, number> {
  const times = new Map<string, number>()
  for (const { threadId, name } of world.telegram.listTopics({ chatId: GROUP })) {
    if (!name.includes(`(${id})`)) continue
    for (const { text } of world.telegram.listMessages({ chatId: GROUP, threadId, limit: 100_000 })) {
      for (const [, mark = ''] of (text ?? '').matchAll(/#([\w.]+)#/g)) times.set(mark, (times.get(mark) ?? 0) + 1)
    }
  }
  return times
}
