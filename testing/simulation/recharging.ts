import { agreeToRecharge } from '#core/recharge/agree-to-recharge.ts'
import { switchOffRecharge } from '#core/recharge/switch-off-recharge.ts'
import { laterBehaviour } from '#testing/simulation/paying.ts'
import { count, type Person, type Town } from '#testing/simulation/people.ts'

/** Agrees to have credits bought by themselves, and saves a card for it. */
export async function agree(town: Town, person: Person): Promise<void> {
  const { world, catalogue } = town
  const { dice } = person
  const offer = dice.pick(catalogue.ofKind('credits'))
  const monthlyCapMinor = offer.priceMinor * dice.pick([2, 5, 10])
  const agreed = await agreeToRecharge(world.db, {
    userId: BigInt(person.id),
    productId: offer.productId,
    priceMinor: offer.priceMinor,
    threshold: dice.pick([5, 10]),
    monthlyCapMinor,
    text: 'I agree to this.',
    now: new Date(),
  })
  count(town, `agreed: ${agreed.status}`)
  person.agreedCapMinor = Math.max(person.agreedCapMinor, monthlyCapMinor)
  if (agreed.status === 'awaiting_card') await saveCard(town, person, agreed.cardToken)
}

async function saveCard({ world }: Town, person: Person, token: string): Promise<void> {
  const opened = await world.web.clickCardLink(token)
  const sessionId = opened.status === 'redirect' ? /cs_\w+/.exec(opened.url)?.[0] : undefined
  if (sessionId === undefined) return
  const { session } = await world.stripe.paySession({ sessionId, savedCard: laterBehaviour(person.dice) })
  if (session.customer !== null) person.customers.add(session.customer)
}

export async function stopRecharging(town: Town, { id }: Person): Promise<void> {
  count(town, 'recharging stopped')
  await town.world.db.$transaction((tx) => switchOffRecharge(tx, { userId: BigInt(id), reason: 'user' }))
}
