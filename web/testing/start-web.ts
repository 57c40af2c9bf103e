import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { buildWeb, WEB_SERVER } from '../../scripts/build.ts'

const READY_WITHIN_MS = 30_000
/** As long as a connection that is kept for another request holds up the end. */
const ENDED_WITHIN_MS = 4_500

export const TEST_SESSION_SECRET = 'a-secret-only-for-these-tests'

export interface RunningWeb {
  /** Where it answers, without a slash at the end. */
  url: string
  /** Everything it wrote so far. */
  output(): string
  /** Throws when it does not end by itself. */
  stop(): Promise<void>
}

/** Builds the web app if its sources changed, and runs the real server of that build. */
export async function startWeb({
  databaseUrl,
  publicUrl,
  port: givenPort,
}: {
  databaseUrl: string
  /** Its own address unless said otherwise. */
  publicUrl?: string
  /** A free one unless said otherwise. */
  port?: number
}): Promise<RunningWeb> {
  await buildWeb(() => undefined)
  const port = givenPort ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const env = {
    NODE_ENV: 'production' as const,
    HOSTNAME: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    PUBLIC_URL: publicUrl ?? url,
    NEXTAUTH_SECRET: TEST_SESSION_SECRET,
    BOT_TOKEN: '1:token-of-no-bot',
    ADMIN_CHAT_ID: '1',
    STRIPE_API_KEY: 'sk_test_of_nobody',
    STRIPE_API_BASE: 'http://127.0.0.1:9',
    STRIPE_WEBHOOK_SECRET: 'whsec_of_nobody',
    LOG_LEVEL: 'warn',
  }
  const child = spawn(process.execPath, [WEB_SERVER], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)))
  const stop = async () => {
    child.kill('SIGTERM')
    const giveUp = setTimeout(() => child.kill('SIGKILL'), ENDED_WITHIN_MS)
    const signal = await ended
    clearTimeout(giveUp)
    if (signal === 'SIGKILL') throw new Error(`The web server did not end when it was asked to:\n${output}`)
  }
  const deadline = Date.now() + READY_WITHIN_MS
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`The web server did not start:\n${output}`)
    }
    await delay(50)
  }
  return { url, output: () => output, stop }
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/icon.svg`).then(
    (response) => response.ok,
    () => false,
  )
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No port')),
      )
    })
  })
}
