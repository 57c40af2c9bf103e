import { fileURLToPath } from 'node:url'
import { I18n } from '@grammyjs/i18n'
import { pino } from 'pino'
import { createTelegram } from '#bot/telegram/api.ts'
import type { Limits } from '#bot/telegram/limiter.ts'
import { createOutbox, type Outbox, type OutboxOptions } from '#bot/workers/outbox/outbox.ts'
import { acceptMessages } from '#core/conversations/accept-messages.ts'
import { relayableKind } from '#core/conversations/message-kind.ts'
import type { Database } from '#core/db.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import { type Settings, settingsSchema } from '#core/settings/settings.ts'
import { startTelegram } from '#sandbox/telegram/server.ts'
import type { WireMessage } from '#sandbox/telegram/wire.ts'
import { createTestDatabase } from '#testing/database.ts'

const token = '123456:TEST'
const botId = 123456

const locales = fileURLToPath(new URL('../../bot/locales', import.meta.url))
const i18n = new I18n({ defaultLocale: 'en', directory: locales, fluentBundleOptions: { useIsolating: false } })

const roomy: Limits = { chatPerSecond: 100_000, groupPerMinute: 6_000_000, bulkPerSecond: 100_000 }

/** A world to send into: stand-in, database, a team group, and as many dispatchers as a test wants. */
export async function createStage({ isForum = true }: { isForum?: boolean } = {}) {
  const database = await createTestDatabase()
  const standIn = await startTelegram({ token, limits: 'off' })
  const { world } = standIn
  const owner = world.createUser({ firstName: 'Olga' })
  const group = isForum
    ? world.createForum({ ownerId: owner.id })
    : world.createGroup({ kind: 'supergroup', ownerId: owner.id })
  const settings: Settings = { ...settingsSchema.parse({}), receipts: 'off' }
  const running: { outbox: Outbox; close(): Promise<void> }[] = []

  /** A dispatcher with quick retries, so that no test waits for a clock. */
  function dispatch(
    options: OutboxOptions & { limits?: Limits; timeoutMs?: number; pool?: Database['pool']; groupId?: number } = {},
  ): Outbox {
    const { limits = roomy, timeoutMs, pool = database.pool, groupId = group.id, ...rest } = options
    const telegram = createTelegram({ token, apiRoot: standIn.url, limits, timeoutMs })
    const outbox = createOutbox(
      {
        database: { prisma: database.prisma, pool },
        telegram,
        i18n,
        settings: { current: settings, refresh: async () => undefined },
        log: pino({ level: 'silent' }),
        group: { id: groupId },
        buyKeyboard: async () => ({ inline_keyboard: [[{ text: 'Buy', callback_data: 'buy' }]] }),
      },
      { backoff: () => 5, pollMs: 30, leaseCheckMs: 200, cardSweepMs: 60_000, ...rest },
    )
    outbox.start()
    running.push({ outbox, close: () => telegram.close() })
    return outbox
  }

  async function createUser(profile: Parameters<typeof world.createUser>[0] = {}, credits = 1000) {
    const user = world.createUser(profile)
    const { rows } = await database.pool.query('SELECT 1 FROM users WHERE id = $1', [user.id])
    if (rows.length === 0) {
      await database.pool.query(
        'INSERT INTO users (id, first_name, last_name, username, language_code) VALUES ($1, $2, $3, $4, $5)',
        [user.id, user.first_name, user.last_name ?? null, user.username ?? null, user.language_code ?? null],
      )
      await database.pool.query(`SELECT post_entry($1, 'gift', $2, $3, 0, 0, 'promotions', 'test', NULL)`, [
        user.id,
        `start:${user.id}`,
        credits,
      ])
    }
    return user
  }

  /** Accepts a message as the bot would; `worker` gets the rows in memory, otherwise they stay pending. */
  async function accept(messages: WireMessage[], worker: Outbox | null = null) {
    const first = messages[0]
    if (!first?.from) throw new Error('Nobody wrote this')
    const { from } = first
    const parts = messages.map((message) => ({
      messageId: message.message_id,
      kind: relayableKind(message) ?? 'other',
      text: message.text ?? message.caption ?? null,
      content: message,
    }))
    const [outcome] = await acceptMessages(
      database.pool,
      [
        {
          userId: from.id,
          firstName: from.first_name,
          lastName: from.last_name ?? null,
          username: from.username ?? null,
          languageCode: from.language_code ?? null,
          albumId: first.media_group_id ?? null,
          preview: 'preview',
          parts,
          updateIds: [],
        },
      ],
      { botId, settings, owner: worker?.canTake() ? worker.workerId : null, leaseSeconds: 15 },
    )
    if (outcome?.status !== 'accepted') throw new Error(`Not accepted: ${outcome?.status}`)
    if (worker && outcome.leased) {
      const { leased, credits, cost } = outcome
      const messageIds = leased.messageIds.map(String)
      const item: ClaimedItem = {
        id: String(leased.relayId),
        lane: `topic:${from.id}`,
        purpose: 'relay',
        priority: 1,
        userId: String(from.id),
        payload: { messageIds, credits, passUntil: null, cost },
        attempts: 0,
        messages: parts.map((part, index) => ({
          id: messageIds[index] ?? '',
          kind: part.kind,
          content: part.content,
          topicChatId: null,
          topicMessageId: null,
        })),
      }
      const receipt: ClaimedItem | null =
        leased.receiptId === null
          ? null
          : {
              id: String(leased.receiptId),
              lane: `chat:${from.id}`,
              purpose: 'receipt',
              priority: 0,
              userId: String(from.id),
              payload: { cost, credits, passUntil: null, userMessageId: first.message_id },
              attempts: 0,
            }
      worker.offer(receipt ? [item, receipt] : [item])
    }
    return outcome
  }

  /** Polls until nothing is owed any more; dead rows do not count. */
  async function untilSent(timeoutMs = 10_000): Promise<void> {
    await until(
      async () => (await openRows()).length === 0,
      timeoutMs,
      async () => JSON.stringify(await openRows()),
    )
  }

  async function openRows() {
    const { rows } = await database.pool.query(
      `SELECT id, lane, purpose, state, owner, attempts, error FROM outbox WHERE state <> 'dead' ORDER BY id`,
    )
    return rows
  }

  async function deadRows() {
    const { rows } = await database.pool.query(
      `SELECT purpose, error, attempts FROM outbox WHERE state = 'dead' ORDER BY id`,
    )
    return rows
  }

  async function close() {
    await Promise.all(running.map(({ outbox }) => outbox.stop()))
    await Promise.all(running.map((each) => each.close()))
    await standIn.close()
    await database.close()
  }

  /** What stands in a user's topic apart from service lines and the card, oldest first. */
  function topicMessages(userId: number) {
    const topic = world.listTopics({ chatId: group.id }).find(({ name }) => name.endsWith(`(${userId})`))
    if (!topic) return []
    return world
      .listMessages({ chatId: group.id, threadId: topic.threadId })
      .filter(({ service, pinned }) => !service && !pinned)
  }

  /** What a user wrote, as the team reads it: line by line, without the headers. */
  const relayedLines = (userId: number) =>
    topicMessages(userId).flatMap(({ text }) => (text ?? '').split('\n').slice(1))

  return {
    database,
    standIn,
    world,
    owner,
    group,
    settings,
    dispatch,
    createUser,
    accept,
    untilSent,
    openRows,
    deadRows,
    close,
    topicMessages,
    relayedLines,
  }
}

export type Stage = Awaited<ReturnType<typeof createStage>>

/** Polls a condition; `describe` is told when time runs out. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
  describe: () => string | Promise<string> = () => 'the condition did not come true',
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(await describe())
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
