import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { botConfigSchema } from '#core/config/bot-config.ts'
import { ConfigError, parseConfig } from '#core/config/parse-config.ts'
import { webConfigSchema } from '#core/config/web-config.ts'
import { isFree, nextFreePort } from './ports.ts'
import { DATA_DIR } from './project.ts'

export type Env = Record<string, string | undefined>

export interface Ports {
  web: number
  bot: number
  /** Of the sandbox; chosen in live mode too, but nobody listens there. */
  phone: number
  telegram: number
  stripe: number
}

/** Where everything listens unless something else does already. */
const STANDARD_PORTS: Ports = { web: 3000, bot: 3001, phone: 3010, telegram: 3011, stripe: 3012 }
const UNKNOWN_DATABASE = 'postgresql://127.0.0.1/not-started-yet'

/** A port that was asked for and that something else is using. */
export class PortBusyError extends Error {
  override name = 'PortBusyError'
}

/** No token means that there is no real bot to run: then everything outside is played by stand-ins. */
export function isSandbox(env: Env): boolean {
  return !env.BOT_TOKEN?.trim()
}

/** A port that was set must be free; one that was not moves out of the way of what is there already. */
export async function choosePorts(env: Env): Promise<Ports> {
  const taken = new Set<number>()
  const choose = async (name: string, standard: number): Promise<number> => {
    const given = env[name]?.trim()
    const port = given && Number(given) > 0 ? Number(given) : await nextFreePort(standard, taken)
    if (given && (taken.has(port) || !(await isFree(port)))) {
      throw new PortBusyError(
        `Port ${port} is busy. Stop what uses it, or set ${name} to another (in .env or before npm).`,
      )
    }
    taken.add(port)
    return port
  }
  return {
    web: await choose('PORT', STANDARD_PORTS.web),
    bot: await choose('BOT_HEALTH_PORT', STANDARD_PORTS.bot),
    phone: await choose('SANDBOX_PHONE_PORT', STANDARD_PORTS.phone),
    telegram: await choose('SANDBOX_TELEGRAM_PORT', STANDARD_PORTS.telegram),
    stripe: await choose('SANDBOX_STRIPE_PORT', STANDARD_PORTS.stripe),
  }
}

/** What the bot and the web app are told. In the sandbox that is how to reach the stand-ins; they know no more. */
export function processEnv(env: Env, ports: Ports, databaseUrl: string): Env {
  const told = isSandbox(env) ? { ...env, ...sandboxEnv(env, ports) } : env
  const publicUrl = told.PUBLIC_URL?.trim()
  return {
    ...told,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    PORT: String(ports.web),
    BOT_HEALTH_PORT: String(ports.bot),
    NEXTAUTH_SECRET: told.NEXTAUTH_SECRET?.trim() || keptSecret(join(DATA_DIR, 'session-secret')),
    NEXTAUTH_URL: told.NEXTAUTH_URL?.trim() || publicUrl,
    // Otherwise the shell's or the container's machine name would be taken for the address to listen on.
    HOSTNAME: isSandbox(env) ? '127.0.0.1' : '0.0.0.0',
    NEXT_TELEMETRY_DISABLED: '1',
  }
}

function sandboxEnv(env: Env, ports: Ports): Env {
  return {
    BOT_TOKEN: '7000000001:sandbox-token-that-opens-nothing',
    TELEGRAM_API_ROOT: `http://127.0.0.1:${ports.telegram}`,
    TELEGRAM_LINK_ROOT: `http://127.0.0.1:${ports.phone}`,
    ADMIN_GROUP_ID: '-1001000000001',
    ADMIN_CHAT_ID: '1000001',
    STRIPE_API_KEY: 'sk_test_sandbox',
    STRIPE_WEBHOOK_SECRET: 'whsec_sandbox',
    STRIPE_API_BASE: `http://127.0.0.1:${ports.stripe}`,
    PUBLIC_URL: env.PUBLIC_URL?.trim() || `http://127.0.0.1:${ports.web}`,
    SANDBOX_PHONE_PORT: String(ports.phone),
    SANDBOX_TELEGRAM_PORT: String(ports.telegram),
    SANDBOX_STRIPE_PORT: String(ports.stripe),
    SANDBOX_DATA_DIR: env.SANDBOX_DATA_DIR?.trim() || join(DATA_DIR, 'sandbox'),
  }
}

/**
 * Throws one ConfigError with the problems of all processes, so that nobody has to start twice to learn them. Looks at
 * the ports as they were set, before any is chosen.
 */
export function checkConfig(given: Env): void {
  const { PORT, BOT_HEALTH_PORT } = given
  const url = given.DATABASE_URL?.trim() || UNKNOWN_DATABASE
  const env = { ...processEnv(given, STANDARD_PORTS, url), PORT, BOT_HEALTH_PORT }
  const problems = new Set<string>()
  for (const [name, schema] of [
    ['bot', botConfigSchema],
    ['web app', webConfigSchema],
  ] as const) {
    try {
      parseConfig<unknown>(name, schema, env)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const problem of error.problems) problems.add(problem)
    }
  }
  if (problems.size > 0) throw new ConfigError('product', [...problems])
}

/** Sessions must survive a restart, so a secret that we made ourselves is kept. */
function keptSecret(file: string): string {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  // A disk that was full may have left an empty file.
  if (kept) return kept
  const secret = randomBytes(32).toString('base64url')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, secret, { mode: 0o600 })
  return secret
}
