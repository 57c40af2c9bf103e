import type { MessageView } from '#sandbox/telegram/control-types.ts'
import type { Offer } from '#testing/simulation/catalogue.ts'
import { eventually } from '#testing/simulation/patience.ts'
import { laterBehaviour } from '#testing/simulation/paying.ts'
import { ask, buttonIn, count, linkIn, type Person, type Town, tap } from '#testing/simulation/people.ts'

/** Agrees to have credits bought by themselves, and saves a card for it. */
export async function agree(town: Town, person: Person): Promise<void> {
  const { dice } = person
  const offer = dice.pick(town.catalogue.ofKind('credits'))
  const terms = { threshold: dice.pick([5, 10, 25]), times: dice.pick([2, 5, 10]) }
  const menu = await ask(town, person, '/autorecharge', (answer) => buttonIn(answer, 'r1:') !== null)
  const plan = await consent(town, person, menu, { offer, ...terms })
  count(town, 'agreements to recharge')
  person.agreedCapMinor = Math.max(person.agreedCapMinor, offer.priceMinor * terms.times)
  const cardLink = linkIn(plan, '/checkout/card/')
  if (cardLink !== null) await saveCard(town, person, cardLink)
}

/** Reads the terms and agrees to just those; terms that changed meanwhile, by another card say, are read again. */
async function consent(
  town: Town,
  person: Person,
  { messageId }: MessageView,
  { offer, threshold, times }: { offer: Offer; threshold: number; times: number },
): Promise<MessageView> {
  const { telegram } = town.world
  const chosen = `${offer.productId}:${threshold}:${times}`
  let agreedTo: string | undefined
  tap(town, person, { messageId }, `r1:c:${chosen}`)
  return eventually(
    () => {
      const message = telegram.getMessage({ chatId: person.id, messageId })
      if (!message || buttonIn(message, 'r1:y:') === null) return agreedTo === undefined ? null : message
      if (message.text !== agreedTo) {
        agreedTo = message.text
        tap(town, person, message, `r1:y:${chosen}`)
      }
      return null
    },
    () => `the agreement to recharging of ${person.id}\n${town.world.botLog()}`,
  )
}

async function saveCard(town: Town, person: Person, link: string): Promise<void> {
  const { web, stripe } = town.world
  const opened = await web.clickCardLink(link.split('/').at(-1) ?? '')
  const sessionId = opened.status === 'redirect' ? /cs_\w+/.exec(opened.url)?.[0] : undefined
  if (sessionId === undefined) return
  const { session } = await stripe.paySession({ sessionId, savedCard: laterBehaviour(person.dice) })
  count(town, 'cards saved')
  if (session.customer !== null) person.customers.add(session.customer)
}

export async function stopRecharging(town: Town, person: Person): Promise<void> {
  count(town, 'recharging stopped')
  await ask(town, person, '/autorecharge off')
}
