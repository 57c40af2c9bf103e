import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { Stripe } from 'stripe'
import { openDatabase } from '#core/db.ts'
import { stripeClientOptions } from '#core/rails/stripe/stripe-client-options.ts'
import { WEB_SERVER } from '../scripts/build.ts'
import { freePort } from '../scripts/ports.ts'
import { Subject } from './subject.ts'

/** Where webhooks are taken in. */
export interface WebhookDoor {
  /** Which of the two it is, in words. */
  what: string
  url: string
  /** Processor time of its process so far; of the whole bench where it has none of its own. */
  cpuMs(): number
  close(): Promise<void>
}

type Environment = Record<'DATABASE_URL' | 'STRIPE_API_KEY' | 'STRIPE_API_BASE' | 'STRIPE_WEBHOOK_SECRET', string> &
  Record<string, string>

const READY_WITHIN_MS = 60_000

/** The web app as it was built; without a build the function that its route calls, behind a small server. */
export function openWebhookDoor(environment: Environment): Promise<WebhookDoor> {
  return existsSync(WEB_SERVER) ? openBuiltWeb(environment) : openHandler(environment)
}

async function openBuiltWeb(environment: Environment): Promise<WebhookDoor> {
  const port = String(await freePort())
  const web = new Subject({ entry: WEB_SERVER, nodeArgs: [] }, { ...environment, HOSTNAME: '127.0.0.1', PORT: port })
  const url = `http://127.0.0.1:${port}`
  try {
    await web.during(untilAnswers(url))
  } catch (error) {
    await web.stop()
    throw error
  }
  return {
    what: 'the built web app',
    url: `${url}/api/stripe/webhook`,
    cpuMs: () => web.usage().cpuMs,
    close: () => web.stop(),
  }
}

async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await answers(url))) {
    if (Date.now() > deadline) throw new Error('The built web app did not start')
    await delay(50)
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/icon.svg`).then(
    (response) => response.ok,
    () => false,
  )
}

async function openHandler(environment: Environment): Promise<WebhookDoor> {
  const { receiveStripeWebhook } = await import('#web/server/payments/stripe-webhook.ts')
  const database = openDatabase({ connectionString: environment.DATABASE_URL }, () => undefined)
  const deps = {
    sql: database.pool,
    stripe: new Stripe(environment.STRIPE_API_KEY, stripeClientOptions(environment.STRIPE_API_BASE)),
    webhookSecret: environment.STRIPE_WEBHOOK_SECRET,
    log: pino({ level: 'warn' }),
  }
  const server = createServer((incoming, outgoing) => {
    text(incoming)
      .then((body) => {
        const headers = { 'stripe-signature': String(incoming.headers['stripe-signature']) }
        return receiveStripeWebhook(deps, new Request('http://bench.test', { method: 'POST', headers, body }))
      })
      .then(({ status }) => outgoing.writeHead(status).end())
      .catch(() => outgoing.writeHead(500).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    what: 'the route’s function behind a server of its own (there is no build of the web app)',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    cpuMs: () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1_000
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await database.close()
    },
  }
}
