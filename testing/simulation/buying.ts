import type { MessageView } from '#sandbox/telegram/control-types.ts'
import type { Offer } from '#testing/simulation/catalogue.ts'
import { eventually } from '#testing/simulation/patience.ts'
import { payBy } from '#testing/simulation/paying.ts'
import { answersAfter, ask, buttonIn, count, linkIn, type Person, type Town, tap } from '#testing/simulation/people.ts'
import { payInStars } from '#testing/simulation/stars.ts'

/** Chooses something from the bot's list and pays for it. */
export async function buy(town: Town, person: Person, offer: Offer): Promise<void> {
  const list = await ask(town, person, '/buy', ({ buttons }) => (buttons ?? []).length > 0)
  tap(town, person, list, `b1:${offer.productId}`)
  count(town, `orders of ${offer.kind}`)
  const order = await eventually(
    () => answerToOrder(town, person, list.messageId),
    () => `the answer to an order of ${person.id}\n${town.world.botLog()}`,
  )
  const payLink = linkIn(order, '/checkout/')
  const way = payLink === null ? 'none' : person.dice.weighted({ card: 80, stars: 15, both: 5 })
  await Promise.all([
    ...(payLink !== null && way !== 'stars' ? [payBy(town, person, payLink)] : []),
    ...(way === 'stars' || way === 'both' ? [payInStars(town, person, order, offer)] : []),
  ])
}

/** The list turns into the order, or into what stands in its way. */
function answerToOrder(town: Town, person: Person, listId: number): MessageView | undefined {
  const list = town.world.telegram.getMessage({ chatId: person.id, messageId: listId })
  if (list?.editDate !== undefined) return list
  return answersAfter(town, person, listId).find((answer) => linkIn(answer, '/checkout/') !== null)
}

/** Opens a content's teaser and unlocks it: by credits on several devices at once, by money, or by both at once. */
export async function unlock(town: Town, person: Person, { contentId, costCredits, priceMinor }: Offer): Promise<void> {
  const isTeaser = ({ buttons }: { buttons?: unknown[] }) => (buttons ?? []).length > 0
  const teaser = await ask(town, person, `/start c_${contentId}`, isTeaser)
  const how = person.dice.weighted({ credits: 50, money: 30, both: 20 })
  count(town, `unlocks by ${how}`)
  if (how !== 'money') {
    for (let device = 0; device < 2; device += 1) tap(town, person, teaser, `ul1:c:${contentId}:${costCredits}`)
  }
  if (how === 'credits') return
  const { callbackQueryId } = town.world.telegram.pressButton({
    chatId: person.id,
    messageId: teaser.messageId,
    userId: person.id,
    data: `ul1:m:${contentId}:${priceMinor}`,
  })
  const payLink = await eventually(
    () => moneyAnswer(town, person, teaser.messageId, callbackQueryId ?? ''),
    () => `the pay link of a content for ${person.id}\n${town.world.botLog()}`,
  )
  if (payLink !== 'none') await payBy(town, person, payLink)
}

function moneyAnswer(town: Town, person: Person, teaserId: number, callbackQueryId: string): string | null {
  const found = answersAfter(town, person, teaserId).flatMap((answer) => linkIn(answer, '/checkout/') ?? [])
  if (found[0] !== undefined) return found[0]
  // An answer with words says why there is nothing to pay. One that comes too late is not shown, but the buttons are.
  const answer = town.world.telegram.getCallbackAnswer({ callbackQueryId })
  const teaser = town.world.telegram.getMessage({ chatId: person.id, messageId: teaserId })
  const isTheirs = teaser !== null && buttonIn(teaser, 'ul1:r:') !== null
  return answer?.text === undefined && !isTheirs ? null : 'none'
}
