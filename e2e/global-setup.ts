import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOn, startTestServer } from '#testing/server.ts'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { nextFreePort } from '../scripts/ports.ts'
import { ROOT } from '../scripts/project.ts'

const STARTS_WITHIN_MS = 240_000

/** Starts Paydesk as a newcomer does, on a database and on ports of its own. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer()
  const database = databaseUrl(server.adminUrl, 'paydesk_e2e')
  await runOn(server.adminUrl, 'CREATE DATABASE paydesk_e2e')
  const ports = await chooseFreePorts()
  Object.assign(process.env, {
    E2E_DATABASE_URL: database,
    E2E_WEB_URL: `http://127.0.0.1:${ports.PORT}`,
    E2E_PHONE_URL: `http://127.0.0.1:${ports.SANDBOX_PHONE_PORT}`,
    E2E_TELEGRAM_URL: `http://127.0.0.1:${ports.SANDBOX_TELEGRAM_PORT}`,
    E2E_STRIPE_URL: `http://127.0.0.1:${ports.SANDBOX_STRIPE_PORT}`,
  })
  const people = await mkdtemp(join(tmpdir(), 'paydesk-e2e-'))
  const stop = await startPaydesk({ ...ports, DATABASE_URL: database, SANDBOX_DATA_DIR: people })
  return async () => {
    await stop()
    await rm(people, { recursive: true })
    await runOn(server.adminUrl, 'DROP DATABASE paydesk_e2e WITH (FORCE)')
    await server.stop()
  }
}

async function chooseFreePorts(): Promise<Record<string, string>> {
  const names = ['PORT', 'BOT_HEALTH_PORT', 'SANDBOX_PHONE_PORT', 'SANDBOX_TELEGRAM_PORT', 'SANDBOX_STRIPE_PORT']
  const taken = new Set<number>()
  const ports: Record<string, string> = {}
  for (const name of names) {
    const port = await nextFreePort(4_100, taken)
    taken.add(port)
    ports[name] = String(port)
  }
  return ports
}

async function startPaydesk(env: Record<string, string>): Promise<() => Promise<void>> {
  const traffic = process.env.TEST_TRAFFIC_DIR
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
    cwd: ROOT,
    env: {
      ...process.env,
      BOT_TOKEN: '',
      ...(traffic && { SANDBOX_TRAFFIC_DIR: join(traffic, 'e2e') }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`Paydesk did not start in time:\n${said}`)), STARTS_WITHIN_MS)
    child.stdout.on('data', (chunk: Buffer) => {
      said += String(chunk)
      if (!said.includes('Paydesk is up after')) return
      clearTimeout(late)
      resolve()
    })
    exited.then((code) => reject(new Error(`Paydesk ended with ${code} at its start:\n${said}`)), reject)
  })
  return async () => {
    child.kill('SIGTERM')
    const code = await exited
    if (code !== 0) throw new Error(`Paydesk did not stop cleanly (${code})`)
  }
}
