import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import type { MessageView } from '#sandbox/telegram/control-types.ts'
import { startTelegram } from '#sandbox/telegram/server.ts'
import { type BotProcess, buildBotBundle, spawnBot } from '#testing/bot-process.ts'
import { countOthers } from '#testing/connections.ts'
import { createTestDatabase } from '#testing/database.ts'

const TOKEN = '7000000001:crash-test-token-that-opens-nothing'
export const GROUP = -1_001_000_000_001
export const OLIVIA = 1_000_001

const START_WITHIN_MS = 30_000
/** A dead process' statement may commit after its successor took over; what it leased is free when the lease ends. */
const SETTLED_WITHIN_MS = 120_000

export type Stage = Awaited<ReturnType<typeof openStage>>

/** A Telegram, a database and a team's group, in which bots are started and killed. */
export async function openStage() {
  await buildBotBundle()
  const db = await createTestDatabase()
  const telegram = await startTelegram({ token: TOKEN, limits: 'off' })
  const { world } = telegram
  world.createUser({ id: OLIVIA, firstName: 'Olivia' })
  world.createForum({ id: GROUP, title: 'Team', ownerId: OLIVIA })
  const bots = new Set<BotProcess>()

  /** A bot that has been started; it need not lead yet. */
  function spawn(): BotProcess {
    const options = { token: TOKEN, telegramUrl: telegram.url, databaseUrl: db.url, groupId: GROUP, ownerId: OLIVIA }
    const bot = spawnBot(options)
    bots.add(bot)
    return bot
  }

  async function kill(bot: BotProcess): Promise<void> {
    await bot.kill()
    bots.delete(bot)
  }

  async function count(sql: string, values: unknown[] = []): Promise<number> {
    const { rows } = await db.pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`, values)
    return Number(rows[0]?.n)
  }

  return {
    db,
    world,
    count,
    spawn,
    kill,
    /** A bot that leads and polls. */
    async startBot(): Promise<BotProcess> {
      const bot = spawn()
      await within(bot.leads, START_WITHIN_MS, () => `a bot to lead\n${bot.log()}`)
      await world.waitUntilPolling({ timeoutMs: START_WITHIN_MS })
      return bot
    },
    async userWith(credits: number): Promise<number> {
      const { id } = world.createUser({ firstName: 'Ann' })
      await db.prisma.user.create({ data: { id: BigInt(id), firstName: 'Ann' } })
      if (credits > 0) await giveCredits(db.prisma, id, credits)
      return id
    },
    async givePass(userId: number, passSeconds: number): Promise<void> {
      const common = { kind: 'gift', contra: 'promotions', actor: 'system' } as const
      await postEntry(db.prisma, { ...common, userId: BigInt(userId), ref: `pass:${userId}`, passSeconds })
    },
    /** Everything that was fetched is handled, and everything that was owed is sent. */
    async settle(): Promise<void> {
      await world.waitUntilConfirmed({ timeoutMs: SETTLED_WITHIN_MS })
      await until(async () => (await count('inbox WHERE done_at IS NULL')) === 0, 'an empty inbox', SETTLED_WITHIN_MS)
      await until(async () => (await count('outbox')) === 0, 'an empty outbox', SETTLED_WITHIN_MS)
    },
    async close(): Promise<void> {
      for (const bot of bots) if (bot.isAlive()) await bot.kill()
      await telegram.close()
      await until(async () => (await countOthers(db.pool)) === 0, 'dead connections to end')
      await db.close()
    },
  }
}

async function giveCredits(prisma: Parameters<typeof postEntry>[0], userId: number, credits: number): Promise<void> {
  await postEntry(prisma, {
    userId: BigInt(userId),
    kind: 'gift',
    ref: `start:${userId}`,
    paidDelta: credits,
    contra: 'promotions',
    actor: 'system',
  })
}

/** Checks again and again until it holds. */
export async function until(holds: () => Promise<boolean> | boolean, what: string, withinMs = 15_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what} in vain`)
    await delay(10)
  }
}

async function within<T>(promise: Promise<T>, ms: number, what: () => string): Promise<T> {
  const patience = new AbortController()
  const tooLate = delay(ms, undefined, { signal: patience.signal }).then(() => {
    throw new Error(`waited ${ms} ms for ${what()} in vain`)
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    patience.abort()
    tooLate.catch(() => undefined)
  }
}

interface Topic {
  threadId: number
  pinned: number[]
  messages: MessageView[]
}

/** The one topic of a user, with what the bot put there below the card, oldest first. */
export function topicOf({ world }: Stage, userId: number): Topic {
  const topics = world.listTopics({ chatId: GROUP }).filter((topic) => topic.name.includes(`(${userId})`))
  expect(topics, `topics of ${userId}`).toHaveLength(1)
  const { threadId = 0, pinnedMessageIds: pinned = [] } = topics[0] ?? {}
  return { threadId, pinned, messages: world.listMessages({ chatId: GROUP, threadId, limit: 10_000 }) }
}

/** Which of the marked texts stand in messages, by when each first appeared: `#one#` counts as `one`. */
export function marks(messages: readonly MessageView[]): string[] {
  const found = messages.flatMap(({ text }) =>
    [...(text ?? '').matchAll(/#([\w.-]+)#/g)].map((match) => match[1] ?? ''),
  )
  return [...new Set(found)]
}

/** How often a marked text stands in messages. */
export function timesOf(messages: readonly MessageView[], mark: string): number {
  return messages.filter(({ text }) => text?.includes(`#${mark}#`)).length
}

/** What the ledger took from a user for messages: one entry per charge. */
export async function chargesOf({ db }: Stage, userId: number): Promise<number[]> {
  const entries = await db.prisma.ledgerEntry.findMany({
    where: { userId: BigInt(userId), kind: 'spend' },
    orderBy: { version: 'asc' },
  })
  return entries.map(({ amount }) => amount)
}

/** Nothing is owed, nothing was given up, nobody had to be alarmed, and the ledger adds up. */
export async function expectSound({ db, count }: Stage): Promise<void> {
  expect(await count('inbox WHERE dead_at IS NOT NULL'), 'updates that were given up').toBe(0)
  expect(await db.prisma.outboxItem.findMany(), 'what is still owed').toEqual([])
  expect(await db.prisma.alert.findMany(), 'alerts').toEqual([])
  expect(await verifyLedger(db.pool)).toEqual([])
}
