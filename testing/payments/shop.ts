import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect } from 'node:util'
import { Stripe } from 'stripe'
import { expect } from 'vitest'
import { openCheckout } from '#core/payments/checkout/open-checkout.ts'
import { placeOrder } from '#core/payments/checkout/place-order.ts'
import { claimStripeEvents, processStripeEvent } from '#core/payments/stripe-events/process-stripe-events.ts'
import { recordStripeEvent, stripeEventSchema } from '#core/payments/stripe-events/record-stripe-event.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import { createStripeRail } from '#core/rails/stripe/stripe-rail.ts'
import { registerUser } from '#core/users/register-user.ts'
import type { Order, Prisma, PrismaClient, Product } from '#prisma'
import type { StripeControl } from '#sandbox/stripe/control-types.ts'
import { startStripe } from '#sandbox/stripe/server.ts'
import { checkTraffic } from '#sandbox/stripe/traffic-check.ts'
import { createTestDatabase, type TestDatabase } from '#testing/database.ts'

export const API_KEY = 'sk_test_51ShopKeyForTests'
export const WEBHOOK_SECRET = 'whsec_shop_secret_for_tests'
export const PUBLIC_URL = 'https://shop.test'

/** A business with a database of its own and a Stripe of its own, which speaks the real protocol. */
export interface Shop {
  database: TestDatabase
  db: PrismaClient
  stripeUrl: string
  world: StripeControl
  sdk: Stripe
  rail: PaymentRail
  /** Another process' rail, or one with another key or patience. */
  newRail: (options?: { apiKey?: string; timeout?: number; baseUrl?: string }) => PaymentRail
  close: () => Promise<void>
}

export async function openShop({ clock }: { clock?: () => number } = {}): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'paydesk-shop-'))
  const trafficLog = join(folder, 'traffic.jsonl')
  const [database, standIn] = await Promise.all([
    createTestDatabase(),
    startStripe({ apiKey: API_KEY, trafficLog, ...(clock ? { clock } : {}) }),
  ])
  const newClient = ({ timeout = 10_000, baseUrl = standIn.url } = {}) => {
    const { hostname: host, port } = new URL(baseUrl)
    return new Stripe(API_KEY, { host, port, protocol: 'http', telemetry: false, timeout, maxNetworkRetries: 1 })
  }
  const newRail: Shop['newRail'] = ({ apiKey = API_KEY, ...options } = {}) =>
    createStripeRail(newClient(options), { apiKey })
  return {
    database,
    db: database.prisma,
    stripeUrl: standIn.url,
    world: standIn.world,
    sdk: newClient(),
    rail: newRail(),
    newRail,
    async close() {
      await standIn.close()
      await database.close()
      await expectValidTraffic(trafficLog)
      await rm(folder, { recursive: true })
    },
  }
}

/** What went over the wire is held against the types that Stripe declares, where their list is at hand. */
async function expectValidTraffic(trafficLog: string): Promise<void> {
  const folder = process.env.WIRE_VALIDATORS
  if (folder) expect((await checkTraffic(trafficLog, folder)).problems).toEqual([])
}

let lastUserId = 7_000_000_000n

/** A user nobody has seen before, with an empty account. */
export async function newUser({ db }: Shop): Promise<bigint> {
  lastUserId += 1n
  const id = lastUserId
  await registerUser(db, { id, firstName: 'Ann', lastName: null, username: null, languageCode: 'en' })
  return id
}

/** Ten credits and two on top for five dollars, unless told otherwise. */
export async function newProduct({ db }: Shop, given: Partial<Prisma.ProductCreateInput> = {}): Promise<Product> {
  const tenCredits = {
    kind: 'credits',
    label: '10 credits',
    amount: 10,
    bonus: 2,
    priceMinor: 500,
    currency: 'usd',
  } as const
  return db.product.create({ data: { ...tenCredits, ...given } })
}

/** A fresh order of a fresh user. */
export async function newOrder(shop: Shop, given: Partial<Prisma.ProductCreateInput> = {}): Promise<Order> {
  const [userId, product] = await Promise.all([newUser(shop), newProduct(shop, given)])
  const outcome = await placeOrder(shop.db, { userId, productId: product.id, now: new Date() })
  if (outcome.status !== 'placed') throw new Error(`the order is ${outcome.status}`)
  return outcome.order
}

/** Clicks the pay link and answers the id of the session that it leads to. */
export async function clickPayLink(shop: Shop, { id, token }: Order): Promise<string> {
  const opened = await openCheckout(shop.db, shop.rail, { token, publicUrl: PUBLIC_URL, now: new Date() })
  const { checkoutSessionId } = await shop.db.order.findUniqueOrThrow({ where: { id } })
  if (opened.status !== 'redirect' || checkoutSessionId === null) throw new Error(`the pay link is ${opened.status}`)
  return checkoutSessionId
}

/** Clicks the pay link and pays with a card that works. */
export async function payOrder(shop: Shop, order: Order): Promise<string> {
  const sessionId = await clickPayLink(shop, order)
  await shop.world.paySession({ sessionId })
  return sessionId
}

/** Keeps all events that Stripe has, as if its webhooks had arrived, and works on them until none is due. */
export async function deliverEvents(shop: Shop): Promise<void> {
  for (const event of await shop.world.listEvents())
    await recordStripeEvent(shop.database.pool, stripeEventSchema.parse(event))
  await processDueEvents(shop)
}

export async function processDueEvents({ db, rail }: Pick<Shop, 'db' | 'rail'>): Promise<void> {
  for (;;) {
    const events = await claimStripeEvents(db, { limit: 10 })
    if (events.length === 0) return
    await Promise.all(events.map((event) => processStripeEvent(db, { event, rail, now: new Date() })))
  }
}

/** Everything that one purchase may leave behind. */
export async function readBooks({ db }: Shop, { id, userId }: Pick<Order, 'id' | 'userId'>) {
  const [order, account, entries, payments, notices, alerts] = await Promise.all([
    db.order.findUniqueOrThrow({ where: { id } }),
    db.account.findUniqueOrThrow({ where: { userId } }),
    db.ledgerEntry.findMany({ where: { userId }, orderBy: { version: 'asc' } }),
    db.payment.findMany({ orderBy: { createdAt: 'asc' } }),
    db.outboxItem.findMany({ where: { userId, purpose: 'notice' } }),
    db.alert.findMany(),
  ])
  return {
    state: order.state,
    paid: account.paid,
    bonus: account.bonus,
    passUntil: account.passUntil,
    entries: entries.map(({ kind, amount, passSeconds }) => [kind, amount || passSeconds]),
    payments: payments.map(({ state }) => state),
    notices: notices.map(({ payload }) => payload),
    alerts: alerts.map(({ title }) => title),
  }
}

/** The books after exactly one purchase of ten credits and two on top. */
export const grantedOnce = {
  state: 'granted',
  paid: 10,
  bonus: 2,
  passUntil: null,
  entries: [
    ['purchase', 10],
    ['bonus', 2],
  ],
  payments: ['granted'],
  notices: [
    { text: 'buy-paid-credits', args: { label: '10 credits', credits: 10, bonus: 2, balance: 12 }, buttons: 'none' },
  ],
  alerts: [],
}

/** The books while nothing was given. */
export const nothingGranted = {
  state: 'open',
  paid: 0,
  bonus: 0,
  passUntil: null,
  entries: [],
  payments: [],
  notices: [],
  alerts: [],
}

/** Waits until a condition holds; fails with its last value after the deadline. */
export async function eventually<T>(
  read: () => Promise<T>,
  holds: (value: T) => boolean,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await read()
    if (holds(value)) return value
    if (Date.now() > deadline) throw new Error(`it did not come about; last seen: ${inspect(value)}`)
    await delay(25)
  }
}
