/** `npm run bench:webhooks [-- quick]`: how long a payment takes from Stripe's knock until its credits are there. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Stripe } from 'stripe'
import { Pool } from 'undici'
import { BOT_ENVIRONMENT, BOT_NODE_ARGS } from '../scripts/bot-memory.ts'
import { buildBundle, buildClient, bundlePath } from '../scripts/build.ts'
import { startEmbeddedPostgres } from '../scripts/embedded-postgres.ts'
import { DATA_DIR } from '../scripts/project.ts'
import { Subject } from './subject.ts'
import { openWebhookDoor } from './webhooks-door.ts'
import { countGrants, createPaidWorld, readLatencies } from './webhooks-world.ts'

const quick = process.argv.includes('quick')
const PER_SECOND = 100
const SECONDS = quick ? 10 : 30
/** Both processes have just started; what they need for the first thousand events is not what the next ones take. */
const WARM_UP_SECONDS = 10
const MOST_KNOCKS_AT_ONCE = 128
/** No grant for so long means that the rest never comes. */
const SETTLED_AFTER_MS = 20_000

await buildClient(() => undefined)
await buildBundle('bot', () => undefined)
const postgres = await startEmbeddedPostgres({
  dir: join(DATA_DIR, 'bench', 'postgres'),
  database: 'postgres',
  // When each grant was committed is asked of the database itself.
  postgresFlags: ['track_commit_timestamp=on'],
})
try {
  await measure()
} finally {
  await postgres.stop()
}

async function measure(): Promise<void> {
  const warmUp = PER_SECOND * WARM_UP_SECONDS
  const total = PER_SECOND * SECONDS
  console.log(`Preparing ${(warmUp + total).toLocaleString('en')} paid checkouts …`)
  const world = await createPaidWorld(postgres.url, warmUp + total)
  const door = await openWebhookDoor(world.environment)
  const program = { entry: bundlePath('bot'), nodeArgs: BOT_NODE_ARGS, env: BOT_ENVIRONMENT }
  const bot = new Subject(program, world.environment)
  try {
    await bot.during(world.untilBotPolls())
    const first = await knock(door.url, world.events.slice(0, warmUp), world.webhookSecret)
    await bot.during(untilGranted(world.databaseUrl, warmUp))
    const before = { door: door.cpuMs(), bot: bot.usage().cpuMs }
    const answers = await knock(door.url, world.events.slice(warmUp), world.webhookSecret)
    await bot.during(untilGranted(world.databaseUrl, warmUp + total))
    const cpuMs = { door: (door.cpuMs() - before.door) / total, bot: (bot.usage().cpuMs - before.bot) / total }
    report({
      door: door.what,
      total,
      answers,
      grantMs: await readLatencies(world.databaseUrl, answers.sentAt),
      warmUpMs: await readLatencies(world.databaseUrl, first.sentAt),
      cpuMs,
    })
  } finally {
    await bot.stop()
    await door.close()
    await world.close()
  }
}

interface Answers {
  /** When each event was sent, by its checkout, in milliseconds since 1970. */
  sentAt: Map<string, number>
  answerMs: number[]
  refused: number
}

/** Sends each event at its time by the clock, whether or not earlier ones were answered. */
async function knock(url: string, events: readonly Stripe.Event[], secret: string): Promise<Answers> {
  const answers: Answers = { sentAt: new Map(), answerMs: [], refused: 0 }
  const { webhooks } = new Stripe('sk_test_bench')
  const { origin, pathname: path } = new URL(url)
  // Stripe's processors are not ours: the knocking shall cost this machine as little as it can.
  const pool = new Pool(origin, { connections: MOST_KNOCKS_AT_ONCE })
  const startedAt = performance.now()
  const posts = events.map(async (event, index) => {
    await delay(startedAt + (index * 1_000) / PER_SECOND - performance.now())
    const payload = JSON.stringify(event)
    const headers = { 'stripe-signature': webhooks.generateTestHeaderString({ payload, secret }) }
    const sentAt = performance.now()
    answers.sentAt.set((event.data.object as { id: string }).id, performance.timeOrigin + sentAt)
    const { statusCode, body } = await pool.request({ path, method: 'POST', headers, body: payload })
    await body.dump()
    answers.answerMs.push(performance.now() - sentAt)
    if (statusCode !== 200) answers.refused += 1
  })
  await Promise.all(posts)
  await pool.close()
  return answers
}

async function untilGranted(databaseUrl: string, total: number): Promise<void> {
  let granted = 0
  let lastMoveAt = Date.now()
  while (granted < total && Date.now() - lastMoveAt < SETTLED_AFTER_MS) {
    await delay(250)
    const now = await countGrants(databaseUrl)
    if (now !== granted) lastMoveAt = Date.now()
    granted = now
  }
}

interface Result {
  door: string
  total: number
  answers: Answers
  grantMs: number[]
  /** From knock to grant while everything was new. */
  warmUpMs: number[]
  /** Processor time per event. */
  cpuMs: { door: number; bot: number }
}

function report({ door, total, answers, grantMs, warmUpMs, cpuMs }: Result): void {
  const rows = {
    'knock → answer': spread(answers.answerMs),
    'knock → grant committed': spread(grantMs),
    [`the same in the first ${WARM_UP_SECONDS} s`]: spread(warmUpMs),
  }
  console.log(`\n${PER_SECOND} signed events a second for ${SECONDS} s, taken in by ${door}, processed by the real bot`)
  for (const [name, { p50, p90, p99, max }] of Object.entries(rows)) {
    const columns = Object.entries({ p50, p90, p99, max }).map(([what, ms]) =>
      `${what} ${ms.toFixed(0)} ms`.padStart(14),
    )
    console.log(name.padEnd(30), ...columns)
  }
  const missing = total - grantMs.length
  console.log(`granted ${grantMs.length} of ${total}, refused ${answers.refused}`)
  console.log(`processor time per event: door ${cpuMs.door.toFixed(1)} ms, bot ${cpuMs.bot.toFixed(1)} ms`)
  const file = join(DATA_DIR, 'bench', 'webhooks.json')
  mkdirSync(join(DATA_DIR, 'bench'), { recursive: true })
  const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown' }
  const load = { perSecond: PER_SECOND, seconds: SECONDS, door }
  const written = { at: new Date().toISOString(), machine, load, missing, refused: answers.refused, cpuMs, ...rows }
  writeFileSync(file, JSON.stringify(written, null, 2))
  console.log(`Written to ${file}`)
  if (missing > 0 || answers.refused > 0) process.exitCode = 1
}

function spread(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}
