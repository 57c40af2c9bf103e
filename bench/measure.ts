import { setTimeout as delay } from 'node:timers/promises'
import type { FloodReport } from '#sandbox/telegram/control-types.ts'
import { Subject } from './subject.ts'
import type { Variant } from './variants.ts'
import { botEnvironment, createWorld, FIRST_USER, GROUP, runOn, type World } from './world.ts'

export interface Load {
  messages: number
  users: number
  /** Messages per second; as fast as they are taken if left out. */
  ratePerSecond?: number
  killEveryMs?: number
  /** What the group takes; as much as it gets if left out. */
  groupPerSecond?: number
}

export interface Measurement {
  variant: string
  load: Load
  messagesPerSecond: number
  latencyMs: { p50: number; p99: number } | null
  cpuMsPerMessage: number
  peakRssMb: number
  /** Made but never arrived at the team. */
  lost: number
  /** Arrived more than once. */
  repeated: number
  /** Charged more than once, or charged and not accepted; null where no books are kept. */
  wronglyCharged: number | null
  kills: number
}

/** Nothing new for so long means that what has not arrived by now never will. */
const SETTLED_AFTER_MS = 20_000
const LOOK_EVERY_MS = 250

/** Puts one variant under one load, in a world of its own. */
export async function measure(adminUrl: string, variant: Variant, load: Load): Promise<Measurement> {
  const world = await createWorld(adminUrl, 'paydesk_bench', load.users)
  await runOn(
    world.databaseUrl,
    `INSERT INTO settings (key, value, updated_by) VALUES ('receipts', '"${variant.receipts}"', 'bench')`,
  )
  if (load.groupPerSecond)
    await world.telegram.setLimits({ groupPerMinute: load.groupPerSecond * 60, groupBurst: load.groupPerSecond })
  const subject = new Subject(variant, environment(world, load))
  try {
    await subject.during(world.telegram.waitUntilPolling({ timeoutMs: 30_000 }))
    const before = subject.usage()
    await world.telegram.flood({ ...load, firstUserId: FIRST_USER, arrivalChatId: GROUP })
    const { report, kills } = await subject.during(watch(world, subject, load))
    const after = subject.usage()
    await subject.stop()
    return {
      variant: variant.name,
      load,
      messagesPerSecond: (report.arrived / report.elapsedMs) * 1000,
      latencyMs: report.latencyMs && { p50: report.latencyMs.p50, p99: report.latencyMs.p99 },
      cpuMsPerMessage: (after.cpuMs - before.cpuMs) / Math.max(1, report.arrived),
      peakRssMb: after.peakRssMb,
      lost: report.created - report.arrived,
      repeated: report.duplicates,
      wronglyCharged: variant.charges ? await countWrongCharges(world, report.created) : null,
      kills,
    }
  } finally {
    await subject.stop()
    await world.close()
  }
}

/** Looks on until everything has arrived or nothing moves any more; kills the subject on the way if asked to. */
async function watch(world: World, subject: Subject, load: Load): Promise<{ report: FloodReport; kills: number }> {
  let kills = 0
  let progress = await world.telegram.floodProgress()
  let lastArrived = -1
  let lastMoveAt = Date.now()
  let lastKillAt = Date.now()
  while (progress.arrived < load.messages && Date.now() - lastMoveAt < SETTLED_AFTER_MS) {
    await delay(LOOK_EVERY_MS)
    progress = await world.telegram.floodProgress()
    if (progress.arrived !== lastArrived) lastMoveAt = Date.now()
    lastArrived = progress.arrived
    const isLoaded = progress.created < load.messages
    if (load.killEveryMs && isLoaded && Date.now() - lastKillAt >= load.killEveryMs) {
      await subject.restart()
      kills++
      lastKillAt = Date.now()
    }
  }
  return { report: await world.telegram.floodReport(), kills }
}

/** Users paid for what they wrote, no more and no less, whatever became of the process. */
async function countWrongCharges(world: World, created: number): Promise<number> {
  const [row] = await runOn<{ charged: string }>(
    world.databaseUrl,
    `SELECT sum(g.amount - a.paid - a.bonus) AS charged
     FROM accounts a JOIN ledger_entries g ON g.user_id = a.user_id AND g.kind = 'gift'`,
  )
  return Math.abs(Number(row?.charged ?? 0) - created)
}

function environment(world: World, { groupPerSecond }: Load): Record<string, string> {
  return {
    ...botEnvironment(world),
    STRIPE_API_KEY: 'sk_test_bench',
    STRIPE_API_BASE: 'http://127.0.0.1:9',
    // A little below, as it is by default.
    ...(groupPerSecond ? { LIMIT_GROUP_PER_MINUTE: String(groupPerSecond * 54) } : {}),
  }
}
