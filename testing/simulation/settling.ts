import { setTimeout as delay } from 'node:timers/promises'
import { notify } from '#core/live/notify.ts'
import type { World } from '#testing/simulation/world.ts'

/** What is still under way, by where it lies. */
interface Open {
  updates: number
  inbox: number
  outbox: number
  events: number
  recharges: number
  refunds: number
}

const LOOK_EVERY_MS = 50
/** After so long without an end the clocks go on: leases end, what waits for another try is due. */
const PATIENCE_MS = 1_500
const STEP_SECONDS = 11 * 60
const MOST_STEPS = 150

/** Waits until everything that was said, paid or owed is dealt with. Time goes by where something waits for it. */
export async function settle(world: World): Promise<void> {
  await world.stripe.waitForIdleWebhooks({ timeoutMs: 60_000 })
  let open = await readOpen(world)
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const until = Date.now() + PATIENCE_MS
    while (!isNothing(open) && Date.now() < until) {
      await delay(LOOK_EVERY_MS)
      open = await readOpen(world)
    }
    if (isNothing(open)) return
    await world.letPass(STEP_SECONDS)
    await notify(world.db, 'outbox')
    await notify(world.db, 'stripeEvents')
  }
  throw new Error(`This never came to an end: ${JSON.stringify(open)}\n${await describe(world)}\n${world.botLog()}`)
}

async function readOpen({ query, telegram }: World): Promise<Open> {
  const [row] = await query<Record<keyof Open, number>>(`SELECT
    (SELECT count(*)::int FROM inbox WHERE done_at IS NULL AND dead_at IS NULL) AS inbox,
    (SELECT count(*)::int FROM outbox WHERE state <> 'dead') AS outbox,
    (SELECT count(*)::int FROM stripe_events WHERE processed_at IS NULL) AS events,
    (SELECT count(*)::int FROM recharge_attempts WHERE state IN ('due', 'charging')) AS recharges,
    (SELECT count(*)::int FROM refund_requests WHERE state = 'asked') AS refunds`)
  if (!row) throw new Error('the database does not answer')
  return { ...row, updates: telegram.updateQueue().pending }
}

/** Refunds whose fate is unknown wait for the periodic jobs, which come at night. */
function isNothing({ updates, inbox, outbox, events, recharges }: Open): boolean {
  return updates + inbox + outbox + events + recharges === 0
}

async function describe({ query }: World): Promise<string> {
  const rows = await query(`
    SELECT 'event' AS what, id, type AS about, attempts, error FROM stripe_events WHERE processed_at IS NULL
    UNION ALL SELECT 'outbox', id::text, purpose || ' ' || lane, attempts, error FROM outbox WHERE state <> 'dead'
    UNION ALL SELECT 'inbox', update_id::text, lane, attempts, error FROM inbox WHERE done_at IS NULL AND dead_at IS NULL
    UNION ALL SELECT 'recharge', id::text, state::text, tries, problem FROM recharge_attempts WHERE state IN ('due', 'charging')
    LIMIT 40`)
  return rows.map((row) => JSON.stringify(row)).join('\n')
}
