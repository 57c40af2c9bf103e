import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import type { IngestLimits } from '#bot/ingest/limits.ts'
import { startBot } from '#bot/start-bot.ts'
import { botConfigSchema } from '#core/config/bot-config.ts'
import { postEntry } from '#core/ledger/post-entry.ts'
import { verifyLedger } from '#core/ledger/verify-ledger.ts'
import { seedProducts } from '#core/products/seed-products.ts'
import { registerUser } from '#core/users/register-user.ts'
import type { Role } from '#prisma'
import type { MessageView, NewUser } from '#sandbox/telegram/control-types.ts'
import { startTelegram } from '#sandbox/telegram/server.ts'
import { createTestDatabase } from '#testing/database.ts'

const TOKEN = '7000000001:test-token-that-opens-nothing-at-all'
const OWNER = 1_000_001

/** Where nothing listens: for a part of the configuration that a test does not use. */
const NOWHERE = 'http://127.0.0.1:9'
const PUBLIC_URL = 'https://desk.test'
const LINK_ROOT = 'https://telegram.test'

export type BotStage = Awaited<ReturnType<typeof startBotStage>>

export interface Holdings {
  credits?: number
  bonus?: number
  passSeconds?: number
}

/** The whole bot in this process, against a Telegram stand-in and a database of its own. */
export async function startBotStage({
  ingest = {},
  callbackDeadlineMs,
  hasProducts = false,
  isForum = true,
  stripeApiBase = NOWHERE,
}: {
  ingest?: Partial<IngestLimits>
  callbackDeadlineMs?: number
  hasProducts?: boolean
  /** False for a basic group, which may become another group. */
  isForum?: boolean
  /** Where a Stripe stand-in listens that takes the key sk_test_x. */
  stripeApiBase?: string
} = {}) {
  const db = await createTestDatabase()
  const { prisma } = db
  const telegram = await startTelegram({ token: TOKEN, limits: 'off', callbackDeadlineMs })
  const { world } = telegram
  const owner = world.createUser({ id: OWNER, firstName: 'Olivia' })
  const team = { title: 'Team', ownerId: owner.id }
  const group = isForum ? world.createForum(team) : world.createGroup({ kind: 'group', ...team })
  if (hasProducts) await seedProducts(prisma, { currency: 'usd' })
  const config = botConfigSchema.parse({
    BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_LINK_ROOT: LINK_ROOT,
    ADMIN_GROUP_ID: String(group.id),
    ADMIN_CHAT_ID: String(owner.id),
    STRIPE_API_KEY: 'sk_test_x',
    STRIPE_API_BASE: stripeApiBase,
    DATABASE_URL: db.url,
    PUBLIC_URL,
    LIMIT_CHAT_PER_SECOND: '1000',
    LIMIT_GROUP_PER_MINUTE: '60000',
    LIMIT_BULK_PER_SECOND: '1000',
  })
  const start = () =>
    startBot({ ...config, healthPort: 0 }, pino({ level: process.env.LOG_LEVEL ?? 'silent' }), { ingest })
  let bot = await start()

  /** Somebody who holds this much and has never written. */
  async function newUser(
    { credits = 100, bonus = 0, passSeconds = 0 }: Holdings = {},
    profile: Omit<NewUser, 'id'> = {},
  ) {
    const user = world.createUser({ firstName: 'Ann', ...profile })
    const userId = BigInt(user.id)
    await registerUser(prisma, {
      id: userId,
      firstName: user.first_name,
      lastName: user.last_name ?? null,
      username: user.username ?? null,
      languageCode: user.language_code ?? null,
    })
    const facts = { userId, kind: 'gift', contra: 'promotions', actor: 'system' } as const
    if (credits || bonus || passSeconds) {
      await postEntry(prisma, { ...facts, ref: `start:${user.id}`, paidDelta: credits, bonusDelta: bonus, passSeconds })
    }
    return user
  }

  /** A person in the team's group; without a role a stranger to the team's list. */
  async function newMember(role: Role | null, firstName: string = role ?? 'Stranger') {
    const user = world.createUser({ firstName })
    world.addMember({ chatId: group.id, userId: user.id, status: 'administrator' })
    if (role) await prisma.teamMember.create({ data: { id: BigInt(user.id), name: firstName, role } })
    return user
  }

  const topicOf = (userId: number) =>
    world.waitForTopic({ chatId: group.id, name: new RegExp(`\\(${userId}\\)$`) }).then(({ threadId }) => threadId)

  /** Somebody whose conversation is open: they wrote once, and the topic stands with its card. */
  async function newConversation(holdings?: Holdings, profile?: Omit<NewUser, 'id'>) {
    const user = await newUser(holdings, profile)
    const text = `hello ${randomInt(1e9)}`
    world.sendText({ userId: user.id, text })
    const threadId = await topicOf(user.id)
    const first = await world.waitForMessage({ chatId: group.id, threadId, text })
    const card = await world.waitForMessage({ chatId: group.id, threadId, where: ({ pinned }) => pinned })
    await settle()
    return { user, threadId, first, card }
  }

  /** What the bot has said in a private chat, oldest first. */
  const saidTo = (userId: number): MessageView[] =>
    world.listMessages({ chatId: userId }).filter(({ author, service }) => author.isBot && !service)

  /** What stands in a topic apart from service lines and the card, oldest first. */
  const inTopic = (threadId: number): MessageView[] =>
    world.listMessages({ chatId: group.id, threadId }).filter(({ pinned, service }) => !pinned && !service)

  const accountOf = (userId: number) => prisma.account.findUniqueOrThrow({ where: { userId: BigInt(userId) } })

  /** Every message that was charged, with its price, oldest first. */
  async function spendings(userId: number): Promise<number[]> {
    const entries = await prisma.ledgerEntry.findMany({
      where: { userId: BigInt(userId), kind: 'spend' },
      orderBy: { version: 'asc' },
    })
    return entries.map(({ amount }) => -amount)
  }

  const messagesOf = (userId: number) =>
    prisma.message.findMany({ where: { userId: BigInt(userId) }, orderBy: { id: 'asc' } })

  /** Waits until every update is handled and nothing is owed to Telegram: only then can something be missing. */
  async function settle(withinMs = 15_000): Promise<void> {
    await world.waitUntilConfirmed({ timeoutMs: withinMs })
    await eventually(
      async () => {
        const inbox = await prisma.inboxUpdate.count({ where: { doneAt: null, deadAt: null } })
        const outbox = await prisma.outboxItem.count({ where: { state: { not: 'dead' } } })
        return { inbox, outbox }
      },
      ({ inbox, outbox }) => inbox === 0 && outbox === 0,
      withinMs,
    )
  }

  /** Taps a button and waits for what the app shows of it. */
  async function tap(message: MessageView, userId: number, button: { label?: string; data?: string }) {
    const { chatId, messageId } = message
    const { callbackQueryId } = world.pressButton({ chatId, messageId, userId, ...button })
    if (callbackQueryId === null) throw new Error('That button asks the bot nothing')
    return world.waitForCallbackAnswer(callbackQueryId)
  }

  return {
    db,
    prisma,
    telegram,
    world,
    owner,
    groupId: group.id,
    publicUrl: PUBLIC_URL,
    newUser,
    newMember,
    newConversation,
    topicOf,
    saidTo,
    inTopic,
    accountOf,
    spendings,
    messagesOf,
    settle,
    tap,
    /** Stops the process as a deployment would and starts it again. */
    async restart() {
      await bot.stop()
      bot = await start()
    },
    /** Ends everything. Throws when the books do not add up or the bot sent what Telegram does not take. */
    async close() {
      const findings = await verifyLedger(db.pool)
      const violations = world.violations()
      await bot.stop()
      await telegram.close()
      await db.close()
      if (findings.length > 0) throw new Error(`The ledger is broken: ${JSON.stringify(findings)}`)
      if (violations.length > 0) throw new Error(`Calls against the protocol: ${JSON.stringify(violations)}`)
    },
  }
}

/** Reads until a condition holds; fails with the last value when time runs out. */
export async function eventually<T>(
  read: () => T | Promise<T>,
  holds: (value: T) => boolean,
  withinMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await read()
    if (holds(value)) return value
    if (Date.now() > deadline) throw new Error(`It did not come about; last seen: ${JSON.stringify(value)}`)
    await delay(20)
  }
}
