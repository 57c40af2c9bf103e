/** A worker in a process of its own, to be killed: works on the open recharges of a database until none is due. */
import { Stripe } from 'stripe'
import { openDatabase } from '#core/db.ts'
import { stripeClientOptions } from '#core/rails/stripe/stripe-client-options.ts'
import { createStripeRail } from '#core/rails/stripe/stripe-rail.ts'
import { runDue } from '#testing/payments/recharge.ts'
import { API_KEY } from '#testing/payments/shop.ts'

const [databaseUrl, stripeUrl] = process.argv.slice(2)
if (!databaseUrl || !stripeUrl) throw new Error('Usage: run-recharges <database url> <stripe url>')

const database = openDatabase({ connectionString: databaseUrl, application_name: 'killed worker' }, () => undefined)
const stripe = new Stripe(API_KEY, stripeClientOptions(stripeUrl))
await runDue({ db: database.prisma, rail: createStripeRail(stripe, { apiKey: API_KEY }) })
await database.close()
