import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTelegramControl } from '#sandbox/telegram/control.ts'
import { runOn, startTestServer } from '#testing/server.ts'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { chooseFreePorts, startPaydesk } from './start-paydesk.ts'

const PORTS = ['PORT', 'BOT_HEALTH_PORT', 'SANDBOX_PHONE_PORT', 'SANDBOX_TELEGRAM_PORT', 'SANDBOX_STRIPE_PORT']

/** Starts Paydesk as a newcomer does, on a database and on ports of its own. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer()
  const database = databaseUrl(server.adminUrl, 'paydesk_e2e')
  await runOn(server.adminUrl, 'CREATE DATABASE paydesk_e2e')
  const ports = await chooseFreePorts(PORTS, 4_100)
  const telegramUrl = `http://127.0.0.1:${ports.SANDBOX_TELEGRAM_PORT}`
  Object.assign(process.env, {
    E2E_DATABASE_URL: database,
    E2E_WEB_URL: `http://127.0.0.1:${ports.PORT}`,
    E2E_PHONE_URL: `http://127.0.0.1:${ports.SANDBOX_PHONE_PORT}`,
    E2E_TELEGRAM_URL: telegramUrl,
    E2E_STRIPE_URL: `http://127.0.0.1:${ports.SANDBOX_STRIPE_PORT}`,
  })
  const people = await mkdtemp(join(tmpdir(), 'paydesk-e2e-'))
  const traffic = process.env.TEST_TRAFFIC_DIR
  const paydesk = await startPaydesk({
    ...ports,
    BOT_TOKEN: '',
    DATABASE_URL: database,
    SANDBOX_DATA_DIR: people,
    // The pace of a group, twenty messages a minute, is tested where nobody has to wait for it.
    LIMIT_GROUP_PER_MINUTE: '6000',
    ...(traffic ? { SANDBOX_TRAFFIC_DIR: join(traffic, 'e2e') } : {}),
  })
  await liftGroupLimit(telegramUrl)
  return async () => {
    const code = await paydesk.stop()
    await rm(people, { recursive: true })
    await runOn(server.adminUrl, 'DROP DATABASE paydesk_e2e WITH (FORCE)')
    await server.stop()
    if (code !== 0) throw new Error(`Paydesk did not stop cleanly (${code}):\n${paydesk.said()}`)
  }
}

async function liftGroupLimit(telegramUrl: string): Promise<void> {
  const telegram = createTelegramControl(telegramUrl)
  await telegram.setLimits({ chatPerSecond: 1, chatBurst: 5, bulkPerSecond: 30, bulkBurst: 30 })
  await telegram.close()
}
