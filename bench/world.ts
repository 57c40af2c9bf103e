import { fork } from 'node:child_process'
import { join } from 'node:path'
import { Api } from 'grammy'
import pg from 'pg'
import { createTelegramControl } from '#sandbox/telegram/control.ts'
import type { TelegramControl } from '#sandbox/telegram/control-types.ts'
import { applyMigrations, readMigrations } from '../prisma/migrate.ts'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { MIGRATIONS_DIR, ROOT } from '../scripts/project.ts'

export const TOKEN = '7000000001:benchmark-token-that-opens-nothing'
export const FIRST_USER = 700_000_001
export const GROUP = -1_001_000_000_001
export const PUBLIC_URL = 'https://bench.test'
const CREDITS = 1_000_000

export interface World {
  telegram: TelegramControl
  telegramUrl: string
  databaseUrl: string
  close(): Promise<void>
}

/** A fresh stand-in and a fresh database in which every user has credits and, for Paydesk, a topic. */
export async function createWorld(adminUrl: string, name: string, users: number): Promise<World> {
  const standIn = fork(join(ROOT, 'dist', 'bench', 'stand-in.mjs'), { env: { ...process.env, BOT_TOKEN: TOKEN } })
  const telegramUrl = await new Promise<string>((resolve) => standIn.once('message', (url: string) => resolve(url)))
  const telegram = createTelegramControl(telegramUrl)
  await telegram.createForum({ id: GROUP, title: 'Team' })
  await runOn(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await runOn(adminUrl, `CREATE DATABASE ${name}`)
  const url = databaseUrl(adminUrl, name)
  await applyMigrations(url, await readMigrations(MIGRATIONS_DIR))
  await fill(url, users, await createTopics(telegram, telegramUrl, users))
  return {
    telegram,
    telegramUrl,
    databaseUrl: url,
    async close() {
      await telegram.close()
      standIn.disconnect()
      await runOn(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

/** What every bot under measurement is told; nothing of ours holds it back. */
export function botEnvironment(where: Pick<World, 'telegramUrl' | 'databaseUrl'>) {
  const plenty = '1000000'
  return {
    BOT_TOKEN: TOKEN,
    TELEGRAM_API_ROOT: where.telegramUrl,
    ADMIN_GROUP_ID: String(GROUP),
    ADMIN_CHAT_ID: '1',
    DATABASE_URL: where.databaseUrl,
    PUBLIC_URL,
    BOT_HEALTH_PORT: '0',
    LOG_LEVEL: 'error',
    LIMIT_CHAT_PER_SECOND: plenty,
    LIMIT_GROUP_PER_MINUTE: '60000000',
    LIMIT_BULK_PER_SECOND: plenty,
  }
}

interface Topic {
  threadId: number
  cardId: number
}

/** Topics with a card of the bot's own in each, as they are after a user's first message. */
async function createTopics(telegram: TelegramControl, telegramUrl: string, users: number): Promise<Topic[]> {
  const api = new Api(TOKEN, { apiRoot: telegramUrl })
  const topics: Topic[] = []
  for (let index = 0; index < users; index++) {
    const { message_thread_id: threadId } = await api.createForumTopic(GROUP, `user ${index}`)
    const card = await api.sendMessage(GROUP, 'card', { message_thread_id: threadId })
    topics.push({ threadId, cardId: card.message_id })
  }
  await telegram.dropUpdates()
  return topics
}

async function fill(url: string, users: number, topics: Topic[]): Promise<void> {
  const range = `generate_series(${FIRST_USER}, ${FIRST_USER + users - 1}) AS id`
  await runOn(
    url,
    `INSERT INTO users (id, first_name) SELECT id, 'user' FROM ${range};
     INSERT INTO accounts (user_id) SELECT id FROM ${range};
     SELECT post_entry(id, 'gift', 'start:' || id, ${CREDITS}, 0, 0, 'promotions', 'bench', NULL) FROM ${range};
     INSERT INTO conversations (user_id, topic_state, topic_chat_id, topic_thread_id, card_message_id, card_pinned_at)
       SELECT ${FIRST_USER} + n - 1, 'ready', ${GROUP}, thread, card, now()
       FROM unnest('{${topics.map(({ threadId }) => threadId).join()}}'::bigint[],
                   '{${topics.map(({ cardId }) => cardId).join()}}'::bigint[]) WITH ORDINALITY AS t(thread, card, n);
     ANALYZE`,
  )
}

/** Runs statements on a connection of their own and returns the rows of the last. */
export async function runOn<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const results = (await client.query<Row>(sql)) as pg.QueryResult<Row> | pg.QueryResult<Row>[]
    return Array.isArray(results) ? (results.at(-1)?.rows ?? []) : results.rows
  } finally {
    await client.end()
  }
}
