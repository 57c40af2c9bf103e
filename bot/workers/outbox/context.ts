import type { I18n } from '@grammyjs/i18n'
import type { Api } from 'grammy'
import type { InlineKeyboardMarkup } from 'grammy/types'
import type { Logger } from 'pino'
import type { HeaderWords } from '#bot/telegram/header.ts'
import type { CallPriority } from '#bot/telegram/limiter-queue.ts'
import type { OutboxFacts } from '#bot/workers/outbox/facts.ts'
import type { Database, Sql } from '#core/db.ts'
import type { Effects } from '#core/outbox/finish-items.ts'
import type { Settings } from '#core/settings/settings.ts'
import type { PrismaClient } from '#prisma'

/** What a sender says became of its row. Errors of calls are thrown and judged in one place. */
export type Outcome =
  /** `along`: so many rows behind it in its lane were sent with it. */
  | { status: 'sent'; effects: Effects; along?: number }
  /** It was not this row's turn after all; does not count as a try. */
  | { status: 'later'; afterMs: number; reason: string }
  /** It will never be sent. `quiet` when there is nothing to do about it. */
  | { status: 'refused'; reason: string; quiet: boolean }

/** Everything the senders share. */
export interface OutboxContext {
  sql: Sql
  /** The same, for what takes a transaction of plain SQL. */
  pool: Database['pool']
  prisma: PrismaClient
  apis: Readonly<Record<CallPriority, Api>>
  facts: OutboxFacts
  i18n: I18n
  settings: () => Settings
  log: Logger
  /** The team's group; follows when Telegram gives it a new id. */
  group: { id: number }
  /** The language of headers, cards and what the bot tells the team. */
  teamLocale: string
  words: HeaderWords
  now: () => Date
  buyKeyboard: (locale: string) => Promise<InlineKeyboardMarkup | undefined>
  listOwnerIds: () => Promise<number[]>
  /** Notes that nothing reaches this user and drops what waits for them. */
  markUnreachable: (userId: string) => Promise<void>
  /** Does something that nobody waits for, but that a graceful stop does. */
  afterwards: (what: string, run: () => Promise<unknown>) => void
  alert: (trouble: { key: string; severity: 'warning' | 'urgent'; title: string; detail: string }) => void
}
