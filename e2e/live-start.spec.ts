import { join } from 'node:path'
import { expect, test } from 'playwright/test'
import { startStripe } from '#sandbox/stripe/server.ts'
import { startTelegram } from '#sandbox/telegram/server.ts'
import { runOn } from '#testing/server.ts'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { isFree } from '../scripts/ports.ts'
import { chooseFreePorts, type Env, startInVain, startPaydesk } from './start-paydesk.ts'

const TOKEN = '8000000002:token-of-a-live-start'
const API_KEY = 'sk_test_live_start'
const WEBHOOK_SECRET = 'whsec_live_start'
const OWNER = 31
const GROUP = -1_002_000_000_002

const SANDBOX_PORTS = ['SANDBOX_PHONE_PORT', 'SANDBOX_TELEGRAM_PORT', 'SANDBOX_STRIPE_PORT']

/** Somebody else's Telegram, Stripe and PostgreSQL, as far as Paydesk can tell. */
async function startOutsideWorld() {
  const ports = await chooseFreePorts(['PORT', 'BOT_HEALTH_PORT', ...SANDBOX_PORTS], 4_200)
  const publicUrl = `http://127.0.0.1:${ports.PORT}`
  const traffic = process.env.TEST_TRAFFIC_DIR
  const telegram = await startTelegram({
    token: TOKEN,
    botUsername: 'live_bot',
    ...(traffic ? { trafficLog: join(traffic, 'live', 'telegram') } : {}),
  })
  const stripe = await startStripe({
    apiKey: API_KEY,
    webhookUrl: `${publicUrl}/api/stripe/webhook`,
    webhookSecret: WEBHOOK_SECRET,
    ...(traffic ? { trafficLog: join(traffic, 'live', 'stripe.jsonl') } : {}),
  })
  telegram.world.createUser({ id: OWNER, firstName: 'Owen' })
  telegram.world.createForum({ id: GROUP, title: 'The live team', ownerId: OWNER })
  const adminUrl = process.env.TEST_ADMIN_URL ?? ''
  await runOn(adminUrl, 'CREATE DATABASE paydesk_live')
  const env: Env = {
    ...ports,
    BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: telegram.url,
    STRIPE_API_KEY: API_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_API_BASE: stripe.url,
    ADMIN_GROUP_ID: String(GROUP),
    ADMIN_CHAT_ID: String(OWNER),
    PUBLIC_URL: publicUrl,
    NEXTAUTH_SECRET: 'a-secret-of-the-live-start',
    DATABASE_URL: databaseUrl(adminUrl, 'paydesk_live'),
  }
  const close = async () => {
    await Promise.all([telegram.close(), stripe.close()])
    await runOn(adminUrl, 'DROP DATABASE paydesk_live WITH (FORCE)')
  }
  return { env, publicUrl, telegram: telegram.world, stripe: stripe.world, close }
}

type OutsideWorld = Awaited<ReturnType<typeof startOutsideWorld>>

const freePortsOf = (env: Env, names: string[]) => Promise.all(names.map((name) => isFree(Number(env[name]))))

/** Buys 25 credits by the pay link, but never comes back to us from the pay page: the webhook alone has to grant. */
async function buyCredits({ telegram, stripe }: OutsideWorld, userId: number): Promise<void> {
  telegram.sendText({ userId, text: '/buy25' })
  const offer = await telegram.waitForMessage({
    chatId: userId,
    fromBot: true,
    where: ({ buttons = [] }) => buttons.flat().some(({ url }) => url),
  })
  const payLink = offer.buttons?.flat().find(({ url }) => url)?.url ?? ''
  const { status, headers } = await fetch(payLink, { redirect: 'manual' })
  expect(status).toBe(303)
  const [session] = await stripe.listSessions({ status: 'open' })
  expect(headers.get('location')).toBe(session?.url)
  await stripe.paySession({ sessionId: session?.id ?? '' })
  await telegram.waitForMessage({ chatId: userId, fromBot: true, text: 'You have 25 credits now' })
}

test('with everything set, the start is live: a paid message reaches its topic, the webhook grants, the end is clean', async () => {
  const outside = await startOutsideWorld()
  const { env, publicUrl, telegram } = outside
  const names = ['PORT', 'BOT_HEALTH_PORT']
  try {
    const paydesk = await startPaydesk(env)
    try {
      expect(paydesk.said()).toContain('*** LIVE ***')
      expect(paydesk.said()).toContain(`${publicUrl}/api/stripe/webhook`)
      expect(paydesk.said()).not.toMatch(/sandbox/i)
      expect(await freePortsOf(env, SANDBOX_PORTS)).toEqual([true, true, true])
      await expect.poll(async () => (await fetch(`${publicUrl}/health`)).status).toBe(200)

      const { id: userId } = telegram.createUser({ firstName: 'Lena' })
      await buyCredits(outside, userId)
      telegram.sendText({ userId, text: 'Is this for real?' })
      const { threadId } = await telegram.waitForTopic({ chatId: GROUP, name: /Lena/ })
      await telegram.waitForMessage({ chatId: GROUP, threadId, text: 'Is this for real?' })
      telegram.sendText({ userId: OWNER, chatId: GROUP, threadId, text: 'It is.' })
      await telegram.waitForMessage({ chatId: userId, fromBot: true, text: 'It is.' })
      expect(telegram.violations()).toEqual([])
    } finally {
      expect(await paydesk.stop(), paydesk.said()).toBe(0)
    }
    expect(paydesk.said()).toMatch(/stopped\s*$/)
    expect(await freePortsOf(env, names)).toEqual([true, true])
    expect(telegram.updateQueue().pollerWaiting).toBe(false)
  } finally {
    await outside.close()
  }
})

test('a start with several things wrong names them all at once, shows no secret and runs nothing', async () => {
  const ports = await chooseFreePorts(['PORT', 'BOT_HEALTH_PORT', ...SANDBOX_PORTS], 4_300)
  const { code, said } = await startInVain({
    ...ports,
    BOT_TOKEN: 'not-a-token',
    TELEGRAM_API_ROOT: 'api.telegram.org',
    STRIPE_API_KEY: 'pk_live_published',
    STRIPE_WEBHOOK_SECRET: 'sk_live_mixed_up',
    STRIPE_API_BASE: 'ftp://api.stripe.com',
    ADMIN_GROUP_ID: '1001',
    ADMIN_CHAT_ID: '@owen',
    PUBLIC_URL: 'http://localhost:3000',
    NEXTAUTH_SECRET: 'short',
    DATABASE_URL: 'mysql://root:pass-word@127.0.0.1/paydesk',
    CURRENCY: 'dollars',
  })
  expect(code).toBe(1)
  const named = [...said.matchAll(/✗ ([A-Z_]+) \S/g)].map(([, name]) => name ?? '')
  expect(named.toSorted()).toEqual([
    'ADMIN_CHAT_ID',
    'ADMIN_GROUP_ID',
    'BOT_TOKEN',
    'CURRENCY',
    'DATABASE_URL',
    'NEXTAUTH_SECRET',
    'PUBLIC_URL',
    'STRIPE_API_BASE',
    'STRIPE_API_KEY',
    'STRIPE_WEBHOOK_SECRET',
    'TELEGRAM_API_ROOT',
  ])
  expect(said).not.toMatch(/not-a-token|published|mixed_up|pass-word/)
  expect(await freePortsOf(ports, Object.keys(ports))).toEqual([true, true, true, true, true])
})
