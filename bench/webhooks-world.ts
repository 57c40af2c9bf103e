import { Stripe } from 'stripe'
import { openDatabase } from '#core/db.ts'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { stripeClientOptions } from '#core/rails/stripe/stripe-client-options.ts'
import { createStripeRail } from '#core/rails/stripe/stripe-rail.ts'
import { registerUser } from '#core/users/register-user.ts'
import type { PrismaClient } from '#prisma'
import type { StripeControl } from '#sandbox/stripe/control-types.ts'
import { startStripe } from '#sandbox/stripe/server.ts'
import { startTelegram } from '#sandbox/telegram/server.ts'
import { applyMigrations, readMigrations } from '../prisma/migrate.ts'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { MIGRATIONS_DIR } from '../scripts/project.ts'
import { botEnvironment, FIRST_USER, GROUP, PUBLIC_URL, runOn, TOKEN } from './world.ts'

const DATABASE = 'paydesk_bench_webhooks'
const API_KEY = 'sk_test_51BenchmarkKeyThatOpensNothing'
const WEBHOOK_SECRET = 'whsec_benchmark_secret_that_opens_nothing'
const AT_ONCE = 8

/** A shop in which so many people have paid, and nobody has told it yet. Both stand-ins run in this process. */
export async function createPaidWorld(adminUrl: string, payments: number) {
  const [telegram, stripe] = await Promise.all([
    startTelegram({ token: TOKEN, limits: 'off' }),
    startStripe({ apiKey: API_KEY }),
  ])
  telegram.world.createForum({ id: GROUP, title: 'Team' })
  // Somebody unknown to Telegram could not be told that the money has arrived.
  for (let index = 0; index < payments; index++) telegram.world.createUser({ id: FIRST_USER + index })
  await runOn(adminUrl, `DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`)
  await runOn(adminUrl, `CREATE DATABASE ${DATABASE}`)
  const url = databaseUrl(adminUrl, DATABASE)
  await applyMigrations(url, await readMigrations(MIGRATIONS_DIR))
  await payAll(url, stripe, payments)
  const events = await stripe.world.listEvents({ type: 'checkout.session.completed' })
  return {
    databaseUrl: url,
    webhookSecret: WEBHOOK_SECRET,
    events: events as unknown as Stripe.Event[],
    environment: {
      ...botEnvironment({ telegramUrl: telegram.url, databaseUrl: url }),
      STRIPE_API_KEY: API_KEY,
      STRIPE_API_BASE: stripe.url,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      NEXTAUTH_SECRET: 'a-benchmark-secret-that-opens-nothing',
    },
    untilBotPolls: () => telegram.world.waitUntilPolling({ timeoutMs: 60_000 }),
    async close() {
      await Promise.all([telegram.close(), stripe.close()])
      await runOn(adminUrl, `DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`)
    },
  }
}

async function payAll(url: string, stripe: { url: string; world: StripeControl }, payments: number): Promise<void> {
  const database = openDatabase({ connectionString: url }, () => undefined)
  const db = database.prisma
  const rail = createStripeRail(new Stripe(API_KEY, stripeClientOptions(stripe.url)), { apiKey: API_KEY })
  const tenCredits = { kind: 'credits', label: '10 credits', amount: 10, priceMinor: 500, currency: 'usd' } as const
  const { id: productId } = await db.product.create({ data: tenCredits })
  let next = 0
  const worker = async () => {
    for (let index = next++; index < payments; index = next++) {
      await pay({ db, rail, world: stripe.world }, BigInt(FIRST_USER + index), productId)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  await database.close()
}

async function pay(
  { db, rail, world }: { db: PrismaClient; rail: PaymentRail; world: StripeControl },
  userId: bigint,
  productId: number,
): Promise<void> {
  const now = new Date()
  await registerUser(db, { id: userId, firstName: 'Ann', lastName: null, username: null, languageCode: 'en' })
  const placed = await placeOrder(db, { userId, productId, now })
  if (placed.status !== 'placed') throw new Error(`the order is ${placed.status}`)
  const opened = await openCheckout(db, rail, { token: placed.order.token, publicUrl: PUBLIC_URL, now })
  const sessionId = opened.status === 'redirect' ? /cs_\w+/.exec(opened.url)?.[0] : undefined
  if (sessionId === undefined) throw new Error(`the pay link is ${opened.status}`)
  await world.paySession({ sessionId })
}

const GRANTS = `FROM ledger_entries e JOIN orders o ON e.kind = 'purchase' AND e.ref = 'order:' || o.id`

export async function countGrants(url: string): Promise<number> {
  const [row] = await runOn<{ grants: string }>(url, `SELECT count(*) AS grants ${GRANTS}`)
  return Number(row?.grants ?? 0)
}

/** From each of these knocks to the commit of the grant it led to, by the database's own record of when that was. */
export async function readLatencies(url: string, sentAt: ReadonlyMap<string, number>): Promise<number[]> {
  const rows = await runOn<{ session: string; at: string }>(
    url,
    `SELECT p.session_id AS session, extract(epoch FROM pg_xact_commit_timestamp(e.xmin)) * 1000 AS at
     ${GRANTS} JOIN payments p ON p.order_id = o.id AND p.state = 'granted'`,
  )
  return rows.flatMap(({ session, at }) => {
    const sent = sentAt.get(session)
    return sent === undefined ? [] : [Number(at) - sent]
  })
}
