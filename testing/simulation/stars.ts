import { refundStarsPayment } from '#core/payments/stars/refund-stars-payment.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import type { Offer } from '#testing/simulation/catalogue.ts'
import type { Dice } from '#testing/simulation/dice.ts'
import { type Finding, found } from '#testing/simulation/findings.ts'
import { eventually } from '#testing/simulation/patience.ts'
import { answersAfter, buttonIn, count, type Person, type Town, tap } from '#testing/simulation/people.ts'
import { OLIVIA } from '#testing/simulation/places.ts'

/** A payment in Stars, as the buyer's receipt shows it. */
export interface StarsReceipt {
  chargeId: string
  offer: Offer
}

/** Asks for the invoice of an order that stands on a message, and pays it; two taps pay once. */
export async function payInStars(town: Town, person: Person, order: MessageView, offer: Offer): Promise<void> {
  const data = buttonIn(order, 's1:')
  if (data === null) return
  const { callbackQueryId } = tap(town, person, order, data)
  const invoice = await eventually(
    () => {
      const found = answersAfter(town, person, order.messageId).find(({ extra }) => extra?.kind === 'invoice')
      // An answer with words says why there is nothing to pay: it was paid by card meanwhile.
      const answer = town.world.telegram.getCallbackAnswer({ callbackQueryId: callbackQueryId ?? '' })
      return found ?? (answer?.text === undefined ? null : 'none')
    },
    () => `an invoice for ${person.id}\n${town.world.botLog()}`,
  )
  if (invoice === 'none') return
  const { chatId, messageId } = invoice
  const pay = () => town.world.telegram.payInvoice({ userId: person.id, chatId, messageId })
  const outcomes = await Promise.all(person.dice.chance(0.3) ? [pay(), pay()] : [pay()])
  for (const outcome of outcomes) {
    count(town, `Stars ${outcome.status}`)
    if (outcome.status === 'paid') person.stars.push({ chargeId: outcome.chargeId, offer })
  }
}

/** The team gives Stars back, now and then twice at once. */
export async function refundStars(town: Town, dice: Dice): Promise<void> {
  const { db, starsRail } = town.world
  const receipts = town.people.flatMap(({ stars }) => stars)
  if (receipts.length === 0 || dice.chance(0.5)) return
  const payment = await db.payment.findUnique({ where: { starsChargeId: dice.pick(receipts).chargeId } })
  if (!payment) return
  count(town, 'Stars refunds')
  const wish = {
    paymentId: payment.id,
    reason: 'The buyer asked',
    actor: { id: BigInt(OLIVIA), name: 'Olivia', role: 'owner' } as const,
    now: new Date(),
  }
  await Promise.all([1, 2].map(() => refundStarsPayment(db, starsRail, wish)))
}

interface Booked {
  stars_charge_id: string
  state: string
  problem: string | null
  user_id: string
  amount_minor: number
  refunded_minor: number
  granted_paid: number
  reversed_paid: number
  given_paid: number
}

/** Every payment in Stars is booked once and brought its worth; what Telegram gave back was taken. */
export async function checkStars(town: Town): Promise<Finding[]> {
  const booked = await town.world.query<Booked>(`
    SELECT p.stars_charge_id, p.state, p.problem, p.user_id, p.amount_minor, p.refunded_minor, p.granted_paid, p.reversed_paid,
      coalesce((SELECT sum(e.paid_delta - e.debt_delta) FROM ledger_entries e
        WHERE e.user_id = p.user_id AND e.kind = 'purchase' AND e.ref = 'order:' || p.order_id AND p.state = 'granted'), 0)::int AS given_paid
    FROM payments p WHERE p.rail = 'stars'`)
  const refunded = await town.world.listRefundedStars()
  const wrong = town.people.flatMap(({ id, stars }) =>
    stars.flatMap(({ chargeId, offer }) => {
      const row = booked.find((one) => one.stars_charge_id === chargeId)
      if (!row) return [`${chargeId} of ${id} is not booked`]
      const back = refunded.has(chargeId) ? row.amount_minor : 0
      const isRight =
        row.user_id === String(id) &&
        row.refunded_minor === back &&
        (row.state === 'quarantined'
          ? row.given_paid === 0
          : row.granted_paid === offer.credits && row.given_paid === offer.credits) &&
        row.reversed_paid === (back > 0 ? row.granted_paid : 0)
      return isRight ? [] : [`${chargeId} of ${id} for ${offer.credits}, ${back} back: ${JSON.stringify(row)}`]
    }),
  )
  const receipts = town.people.reduce((sum, { stars }) => sum + stars.length, 0)
  if (receipts !== booked.length) wrong.push(`${receipts} payments were made and ${booked.length} are booked`)
  return found('Payments in Stars and the books differ', wrong)
}
