/** Everything between installed packages and a running product; `scripts/start.mjs` loads it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { botConfigSchema } from '#core/config/bot-config.ts'
import { ConfigError, parseConfig } from '#core/config/parse-config.ts'
import { UnfitDatabaseError } from '../prisma/connect.ts'
import { applyMigrations, MigrationFailedError, readMigrations } from '../prisma/migrate.ts'
import { BOT_ENVIRONMENT, BOT_NODE_ARGS } from './bot-memory.ts'
import { BuildFailedError, buildBundle, buildClient, buildWeb, bundlePath, WEB_SERVER } from './build.ts'
import { type OpenDatabase, startOwn } from './database.ts'
import {
  checkConfig,
  choosePorts,
  type Env,
  isSandbox,
  PortBusyError,
  type Ports,
  processEnv,
} from './launch-settings.ts'
import { ClusterInUseError } from './postgres-predecessor.ts'
import { DATA_DIR, EMBEDDED_DIR, loadDotEnv, MIGRATIONS_DIR, ROOT } from './project.ts'
import { runServices } from './run-services.ts'
import type { ServiceSpec } from './supervisor.ts'

/** Their messages are for the person who starts it; where they come from is not. */
const EXPLAINED = [
  ConfigError,
  PortBusyError,
  ClusterInUseError,
  UnfitDatabaseError,
  MigrationFailedError,
  BuildFailedError,
]
const FILE_TROUBLES = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC'])

const startedAt = Date.now()
loadDotEnv()
process.exitCode = await launch({ ...process.env }).catch((error: unknown) => {
  const isExplained = EXPLAINED.some((type) => error instanceof type) || isFileTrouble(error)
  process.stderr.write(`\n${error instanceof Error ? (isExplained ? error.message : error.stack) : String(error)}\n`)
  return 1
})
// esbuild keeps a helper process around; nothing of ours is left to wait for.
process.exit()

async function launch(env: Env): Promise<number> {
  const sandbox = isSandbox(env)
  print(`\nPaydesk ${version()} · ${sandbox ? 'sandbox' : 'live'}`)
  checkConfig(env)
  const ports = await choosePorts(env)
  await buildClient(say)
  const [database] = await Promise.all([prepareDatabase(env, sandbox), buildEverything(sandbox)])
  const told = processEnv(env, ports, database.url)
  await seed(database.url, told, sandbox)
  return runServices({
    groups: planServices(told, ports, sandbox),
    announce: say,
    onReady: () => print(welcome(told, ports, sandbox)),
    close: async () => {
      await database.close()
      print('  stopped')
    },
    ...(database.embedded ? { lost: database.embedded.exited.then(() => describeLoss(database)) } : {}),
  })
}

/** A disk that is full, or a folder that is not ours: the system's own sentence names the file. */
function isFileTrouble(error: unknown): boolean {
  return error instanceof Error && 'path' in error && 'code' in error && FILE_TROUBLES.has(String(error.code))
}

async function buildEverything(sandbox: boolean): Promise<void> {
  if (sandbox) await buildBundle('sandbox', say)
  await buildBundle('bot', say)
  await buildWeb(say)
}

async function prepareDatabase(env: Env, sandbox: boolean): Promise<OpenDatabase> {
  const given = env.DATABASE_URL?.trim()
  const database: OpenDatabase = given
    ? { url: given, embedded: null, close: async () => undefined }
    : await startOwn(sandbox)
  try {
    const status = await applyMigrations(database.url, await readMigrations(MIGRATIONS_DIR))
    const done = status.pending.length === 0 ? 'up to date' : `${status.pending.length} migration(s) applied`
    say('database', `${describePlace(database)}, ${done}`)
    for (const name of status.edited) say('database', `warning: ${name} was changed after it had been applied`)
    for (const name of status.unknown) say('database', `warning: ${name} was applied by a newer version than this`)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Started by root out of reach of the server's account, the database lies elsewhere; whoever saves it must know. */
function describePlace({ embedded }: OpenDatabase): string {
  if (!embedded) return 'yours (DATABASE_URL)'
  return `PostgreSQL of its own, ${embedded.dir === EMBEDDED_DIR ? 'under .data' : `in ${embedded.dir}`}`
}

async function seed(url: string, told: Env, isDemo: boolean): Promise<void> {
  // Loaded late, because it needs the generated client, which a fresh clone does not have when this file loads.
  const { seedDatabase } = await import('./seed.ts')
  const { currency, ownerIds: owners } = parseConfig('bot', botConfigSchema, told)
  const { products } = await seedDatabase(url, { currency, owners, isDemo })
  if (products > 0) say('database', `the first ${products} products are in`)
}

function planServices(env: Env, ports: Ports, sandbox: boolean): ServiceSpec[][] {
  const service = (name: string, entry: string, port: number, more: Partial<ServiceSpec> = {}): ServiceSpec => ({
    name,
    entry,
    env,
    healthUrl: `http://127.0.0.1:${port}/health`,
    logPath: join(DATA_DIR, 'logs', `${name}.log`),
    graceMs: 8_000,
    ...more,
  })
  const bot = service('bot', bundlePath('bot'), ports.bot, {
    graceMs: 25_000,
    nodeArgs: ['--enable-source-maps', ...BOT_NODE_ARGS],
    env: { ...env, ...BOT_ENVIRONMENT },
  })
  // The web app's health includes the bot's; its pages are of use as soon as it answers.
  const web = service('web', WEB_SERVER, ports.web, { readyOn: 'answer' })
  return sandbox ? [[service('sandbox', bundlePath('sandbox'), ports.phone)], [bot, web]] : [[bot, web]]
}

function welcome(env: Env, ports: Ports, sandbox: boolean): string {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  const lines = sandbox
    ? [
        `Paydesk is up after ${seconds} s.   *** SANDBOX: nothing here is real ***`,
        'Telegram and Stripe are played by stand-ins on this machine; no message leaves it, no money moves.',
        '',
        `  Play both sides here   http://127.0.0.1:${ports.phone}`,
        `  Dashboard              ${env.PUBLIC_URL}`,
        `  Health                 ${env.PUBLIC_URL}/health · http://127.0.0.1:${ports.bot}/health`,
        `  Logs                   ${join(DATA_DIR, 'logs')}`,
        '',
        'To go live, copy .env.example to .env and set BOT_TOKEN. Ctrl-C stops everything.',
      ]
    : [
        `Paydesk is up after ${seconds} s.   *** LIVE ***`,
        '',
        `  Dashboard   ${env.PUBLIC_URL} (here: http://127.0.0.1:${ports.web}); write /login to the bot to sign in`,
        `  Webhook     ${env.PUBLIC_URL}/api/stripe/webhook`,
        `  Health      http://127.0.0.1:${ports.web}/health · http://127.0.0.1:${ports.bot}/health`,
        `  Logs        ${join(DATA_DIR, 'logs')}`,
        '',
        'Ctrl-C stops everything.',
      ]
  const rule = '─'.repeat(78)
  return ['', rule, ...lines, rule].join('\n')
}

function describeLoss(database: OpenDatabase): string {
  return `because the database has ended by itself; see ${join(database.embedded?.dir ?? EMBEDDED_DIR, 'postgres.log')}`
}

function version(): string {
  const { version: found } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  return found
}

function say(subject: string, text: string): void {
  print(`  ${subject.padEnd(11)}${text}`)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
