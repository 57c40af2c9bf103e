import type { WireObject } from '#sandbox/stripe/control-types.ts'
import type { Offer } from '#testing/simulation/catalogue.ts'
import { type Finding, found } from '#testing/simulation/findings.ts'
import type { Person, Town } from '#testing/simulation/people.ts'

/** A payment as it is booked, with what the ledger says of it. */
interface Booked {
  id: string
  user_id: string
  payment_intent_id: string
  state: string
  problem: string | null
  amount_minor: number
  refunded_minor: number
  granted_paid: number
  granted_bonus: number
  granted_seconds: number
  reversed_paid: number
  /** Credits bought and their bonus, by the ledger. */
  given_paid: number
  given_bonus: number
  /** Paid credits that refunds took, debt included. */
  taken_paid: number
  /** Credits that disputes keep frozen. */
  frozen: number
  has_open_dispute: boolean
}

/** One charge at Stripe with all that became of it. */
interface Taken {
  charge: WireObject
  amountMinor: number
  /** Refunds that were not sent back, and lost disputes. */
  backMinor: number
}

/** Holds Stripe's own books against ours: one row for each charge, its worth given, and what went back taken. */
export async function checkPayments(town: Town): Promise<Finding[]> {
  const taken = await readStripe(town)
  const booked = await readBooked(town)
  const wrong: string[] = []
  for (const { charge, amountMinor, backMinor } of taken) {
    const name = `${charge.id} (${String(charge.payment_intent)}, ${amountMinor})`
    const rows = booked.filter((row) => row.payment_intent_id === charge.payment_intent)
    const [row] = rows
    if (!row || rows.length > 1) {
      wrong.push(`${name} has ${rows.length} payment rows`)
      continue
    }
    const complain = (what: string) => wrong.push(`${name}, payment ${row.id} of ${row.user_id}: ${what}`)
    if (row.amount_minor !== amountMinor) complain(`${row.amount_minor} booked`)
    if (row.refunded_minor !== backMinor) complain(`${backMinor} went back, ${row.refunded_minor} booked`)
    const owner = ownerOf(town, charge)
    if (owner && String(owner.id) !== row.user_id) complain(`it was ${owner.id} who paid`)
    const offer = town.catalogue.offerAt(amountMinor)
    if (!offer) complain('nothing costs that')
    else if (row.state === 'granted') checkGrant(row, offer, backMinor).forEach(complain)
    else checkQuarantined(row).forEach(complain)
  }
  const known = new Set(taken.map(({ charge }) => charge.payment_intent))
  const unpaid = booked.filter(({ payment_intent_id: id }) => !known.has(id))
  return [
    ...found('Stripe’s charges and the books differ', wrong),
    ...found('Payments without a charge at Stripe', unpaid),
  ]
}

function ownerOf({ people }: Town, charge: WireObject): Person | undefined {
  return people.find(({ customers }) => customers.has(String(charge.customer)))
}

function checkGrant(row: Booked, offer: Offer, backMinor: number): string[] {
  const wrong: string[] = []
  const expect = (what: string, is: number, shouldBe: number) => {
    if (is !== shouldBe) wrong.push(`${what} is ${is} instead of ${shouldBe}`)
  }
  expect('granted', row.granted_paid, offer.credits)
  expect('in the ledger', row.given_paid, offer.credits)
  expect('bonus in the ledger', row.given_bonus, row.granted_bonus)
  const loyalty = row.granted_bonus - offer.bonus
  const percents = offer.kind === 'credits' ? [0, 10, 20] : [0]
  if (!percents.some((percent) => loyalty === Math.floor((offer.credits * percent) / 100))) {
    wrong.push(`its bonus is ${row.granted_bonus}`)
  }
  if (offer.seconds !== null) expect('seconds granted', row.granted_seconds, offer.seconds)
  const reversed = Math.floor((offer.credits * backMinor) / row.amount_minor)
  expect('taken back', row.reversed_paid, reversed)
  expect('taken back by the ledger', row.taken_paid, reversed)
  if (!row.has_open_dispute) expect('still frozen', row.frozen, 0)
  else if (row.frozen > offer.credits + row.granted_bonus - reversed) wrong.push(`${row.frozen} are frozen`)
  return wrong
}

/** Money that a person has to look at may come of paying twice, and of nothing else here. */
function checkQuarantined(row: Booked): string[] {
  const wrong: string[] = []
  if (!/had it already|dealt with by another|another subscription|already/i.test(row.problem ?? '')) {
    wrong.push(`it is kept apart: ${row.problem}`)
  }
  if (row.given_paid + row.given_bonus + row.taken_paid + row.frozen !== 0) wrong.push('it is kept apart, but booked')
  return wrong
}

async function readStripe({ world }: Town): Promise<Taken[]> {
  const charges = (await world.stripe.listCharges()).filter(({ status }) => status === 'succeeded')
  const disputes = await world.stripe.listDisputes()
  return charges.map((charge) => {
    const amountMinor = Number(charge.amount)
    const lost = disputes.filter((dispute) => dispute.charge === charge.id && dispute.status === 'lost')
    const withdrawn = lost.reduce((sum, { amount }) => sum + Number(amount), 0)
    return { charge, amountMinor, backMinor: Math.min(amountMinor, Number(charge.amount_refunded) + withdrawn) }
  })
}

function readBooked({ world }: Town): Promise<Booked[]> {
  return world.query<Booked>(`
    SELECT p.id, p.user_id, p.payment_intent_id, p.state, p.problem, p.amount_minor, p.refunded_minor, p.granted_paid,
      p.granted_bonus, p.granted_seconds, p.reversed_paid,
      coalesce(given.paid, 0)::int AS given_paid, coalesce(given.bonus, 0)::int AS given_bonus,
      coalesce(taken.paid, 0)::int AS taken_paid, coalesce(frozen.credits, 0)::int AS frozen, coalesce(frozen.is_open, false) AS has_open_dispute
    FROM payments p
      LEFT JOIN LATERAL (
        SELECT sum(e.paid_delta - e.debt_delta) FILTER (WHERE e.kind = 'purchase') AS paid, sum(e.bonus_delta) AS bonus
        FROM ledger_entries e WHERE e.user_id = p.user_id AND p.state = 'granted' AND e.kind IN ('purchase', 'bonus', 'loyalty')
          AND e.ref IN ('order:' || p.order_id, 'invoice:' || p.invoice_id)) given ON true
      LEFT JOIN LATERAL (
        SELECT -sum(e.paid_delta - e.debt_delta) AS paid FROM ledger_entries e
        WHERE e.user_id = p.user_id AND e.kind = 'refund' AND starts_with(e.ref, 'payment:' || p.id || ':')) taken ON true
      LEFT JOIN LATERAL (
        SELECT -sum(e.amount) AS credits, bool_or(d.status NOT IN ('won', 'lost')) AS is_open
        FROM disputes d LEFT JOIN ledger_entries e ON e.user_id = p.user_id
          AND e.kind IN ('dispute', 'dispute_won') AND e.ref IN (d.id, d.id || ':lost')
        WHERE d.payment_id = p.id) frozen ON true
    WHERE p.rail = 'stripe'`)
}
