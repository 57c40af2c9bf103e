import { eventually } from '#testing/simulation/patience.ts'
import { ask, count, type Person, type Town, tap } from '#testing/simulation/people.ts'

/** Cancels a subscription, goes on with it after all, or chooses another; nothing happens where there is none. */
export async function changeSubscription(town: Town, person: Person): Promise<void> {
  const { world, catalogue } = town
  const { dice } = person
  const live = (
    await Promise.all([...person.customers].map((customerId) => world.stripe.listSubscriptions({ customerId })))
  )
    .flat()
    .filter(({ status }) => status !== 'canceled')
  if (live.length === 0) return
  const { id } = dice.pick(live)
  const menu = await ask(town, person, '/subscription', ({ buttons }) => buttons !== undefined)
  const change = dice.weighted({ cancel: 40, resume: 40, plan: 20 })
  count(town, `subscription ${change}`)
  const data = {
    cancel: `u1:c:${id}`,
    resume: `u1:r:${id}`,
    plan: `u1:n:${dice.pick(catalogue.ofKind('subscription')).productId}:${id}`,
  }
  const { callbackQueryId } = tap(town, person, menu, data[change])
  await eventually(
    () => world.telegram.getCallbackAnswer({ callbackQueryId: callbackQueryId ?? '' }),
    () => `an answer to the change of ${id}\n${world.botLog()}`,
  )
}
