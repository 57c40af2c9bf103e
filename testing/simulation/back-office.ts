import { refundPayment } from '#core/payments/refunds/refund-payment.ts'
import type { WireObject } from '#sandbox/stripe/control-types.ts'
import type { Dice } from '#testing/simulation/dice.ts'
import { count, type Town } from '#testing/simulation/people.ts'
import { OLIVIA } from '#testing/simulation/places.ts'

const olivia = { id: BigInt(OLIVIA), name: 'Olivia', role: 'owner' } as const

/** One day of the team, the dashboard and the banks: money goes back in all the ways that there are. */
export async function workInBackOffice(town: Town, dice: Dice): Promise<void> {
  const { stripe } = town.world
  const charges = (await stripe.listCharges()).filter(({ status }) => status === 'succeeded')
  if (charges.length === 0) return
  for (let act = Math.ceil(charges.length / 8); act > 0; act -= 1) {
    const charge = dice.pick(charges)
    await giveBack(town, dice, charge)
  }
  await decideDisputes(town, dice)
  if (dice.chance(0.5)) await bounceRefund(town, dice)
  await settleSlowPayments(town, dice)
}

async function giveBack(town: Town, dice: Dice, charge: WireObject): Promise<void> {
  const { stripe } = town.world
  const chargeId = charge.id
  const part = Math.max(1, Math.floor(Number(charge.amount) * dice.pick([0.1, 0.25, 0.5])))
  const act = dice.weighted({ dashboardPart: 25, dashboardAll: 15, team: 30, teamTwice: 10, dispute: 25, inquiry: 5 })
  count(town, act)
  switch (act) {
    case 'dashboardPart':
      return forgive(stripe.refundPayment({ chargeId, amountMinor: part }))
    case 'dashboardAll':
      return forgive(stripe.refundPayment({ chargeId }))
    case 'team':
      return refundByTeam(town, charge, dice.chance(0.5) ? part : null)
    case 'teamTwice':
      await Promise.all([refundByTeam(town, charge, part), refundByTeam(town, charge, part)])
      return
    case 'dispute':
      return forgive(stripe.createDispute({ chargeId, ...(dice.chance(0.2) ? { amountMinor: part } : {}) }))
    case 'inquiry':
      return forgive(stripe.createDispute({ chargeId, inquiry: true }))
  }
}

async function refundByTeam({ world }: Town, charge: WireObject, amountMinor: number | null): Promise<void> {
  const payment = await world.db.payment.findUnique({ where: { paymentIntentId: String(charge.payment_intent) } })
  if (!payment) return
  const given = { paymentId: payment.id, amountMinor, reason: 'The buyer asked', actor: olivia, now: new Date() }
  await refundPayment(world.db, world.rail, given)
}

/** Banks take days. */
async function decideDisputes(town: Town, dice: Dice): Promise<void> {
  const { stripe } = town.world
  for (const { id, status } of await stripe.listDisputes()) {
    if (['won', 'lost', 'warning_closed'].includes(String(status)) || dice.chance(0.6)) continue
    const outcome = dice.chance(0.5) ? 'won' : 'lost'
    count(town, `dispute ${outcome}`)
    await forgive(stripe.closeDispute({ disputeId: id, outcome }))
  }
}

/** The buyer's bank sends a refund back. */
async function bounceRefund(town: Town, dice: Dice): Promise<void> {
  const { stripe } = town.world
  const refunds = (await stripe.listEvents({ type: 'refund.created' })).map(({ data }) => data.object.id)
  if (refunds.length === 0) return
  count(town, 'refunds bounced')
  await forgive(stripe.failRefund({ refundId: dice.pick(refunds) }))
}

async function settleSlowPayments(town: Town, dice: Dice): Promise<void> {
  const { stripe } = town.world
  for (const { id } of await stripe.listPaymentIntents({ status: 'processing' })) {
    if (dice.chance(0.3)) continue
    await forgive(stripe.settlePayment({ paymentIntentId: id, succeeds: dice.chance(0.7) }))
  }
}

/** Stripe refuses what cannot be: a second dispute, more money than there was. The stand-in says so by an error. */
async function forgive(act: Promise<unknown>): Promise<void> {
  await act.catch((error: unknown) => {
    if (!(error instanceof Error) || error.name === 'TypeError') throw error
  })
}
