import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { buildBundle, bundlePath } from '../scripts/build.ts'

interface BotProcessOptions {
  token: string
  telegramUrl: string
  databaseUrl: string
  groupId: number
  ownerId: number
  /** More variables of the bot's environment. */
  env?: Record<string, string>
}

/** The real bot in a process of its own, started from its bundle, to be killed. */
export interface BotProcess {
  /** Resolves when it leads, which is when it begins to work through its inbox; rejects when it ends before. */
  leads: Promise<void>
  isAlive(): boolean
  /** SIGKILL; resolves when the process is gone. A process that had ended by itself is an error. */
  kill(): Promise<void>
  /** The last lines of its log. */
  log(): string
}

const LOG_LINES = 200
const living = new Set<ChildProcess>()
/** A test that was cut short leaves nobody behind. */
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})
const BUILD_LOCK = 7_274_001

/** Bundles the bot unless the bundle is up to date. Several test files may ask at once: one of them builds. */
export async function buildBotBundle(): Promise<void> {
  const client = new pg.Client(process.env.TEST_ADMIN_URL)
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [BUILD_LOCK])
    await buildBundle('bot', () => undefined)
  } finally {
    await client.end()
  }
}

export function spawnBot(options: BotProcessOptions): BotProcess {
  const child = spawn(process.execPath, [bundlePath('bot')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment(options) },
  })
  const lines: string[] = []
  let hearLead = () => {}
  const heardLead = new Promise<void>((resolve) => {
    hearLead = resolve
  })
  const listen = (line: string) => {
    lines.push(line)
    if (lines.length > LOG_LINES) lines.shift()
    if (line.includes('this process leads now')) hearLead()
  }
  createInterface(child.stdout).on('line', listen)
  createInterface(child.stderr).on('line', listen)
  const log = () => lines.join('\n')
  living.add(child)
  const exited = once(child, 'exit').finally(() => living.delete(child))
  const leads = Promise.race([
    heardLead,
    exited.then(() => {
      throw new Error(`The bot ended before it led.\n${log()}`)
    }),
  ])
  // Not everybody waits for it.
  leads.catch(() => undefined)
  return {
    leads,
    log,
    isAlive: () => isAlive(child),
    async kill() {
      if (!isAlive(child)) throw new Error(`The bot had ended by itself with ${child.exitCode}.\n${log()}`)
      child.kill('SIGKILL')
      await exited
    },
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}

/** Limits of its own sending so high that only the stand-in's would be felt. */
function environment({ token, telegramUrl, databaseUrl, groupId, ownerId, env }: BotProcessOptions) {
  const plenty = '1000000'
  return {
    NODE_ENV: 'production',
    BOT_TOKEN: token,
    TELEGRAM_API_ROOT: telegramUrl,
    ADMIN_GROUP_ID: String(groupId),
    ADMIN_CHAT_ID: String(ownerId),
    STRIPE_API_KEY: 'sk_test_crash',
    STRIPE_API_BASE: 'http://127.0.0.1:9',
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: 'http://127.0.0.1:9',
    BOT_HEALTH_PORT: '0',
    LOG_LEVEL: 'info',
    LIMIT_CHAT_PER_SECOND: plenty,
    LIMIT_GROUP_PER_MINUTE: '60000000',
    LIMIT_BULK_PER_SECOND: plenty,
    ...env,
  }
}
