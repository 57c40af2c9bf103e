import type { Api } from 'grammy'
import type { Update } from 'grammy/types'
import type { Logger } from 'pino'
import type { IngestLimits } from '#bot/ingest/limits.ts'
import type { AllowedUpdates } from '#bot/ingest/supplier.ts'
import type { Handle } from '#bot/ingest/work.ts'
import type { Sql } from '#core/db.ts'

export type IngestLog = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

export type IngestAlert = (alert: {
  key: string
  severity: 'warning' | 'urgent'
  title: string
  detail: string
}) => Promise<void>

export interface IngestDeps {
  sql: Sql
  /** For the one connection that elects the leader; it must reach PostgreSQL itself or a session pool. */
  databaseUrl: string
  api: Pick<Api, 'getUpdates'>
  botId: number
  handle: Handle
  log: IngestLog
  alert: IngestAlert
  /** Told of updates that will never be handled, so that whoever sent them can be told too. */
  onGivenUp?: (updates: Update[]) => Promise<void>
  /**
   * Shown each update the moment it arrives, before anything waits for anything. True when it was taken charge of: then
   * it needs no place in the inbox. Must not throw.
   */
  takeUrgent?: (update: Update) => boolean
  /** Told when this process begins to lead: whatever another one held is nobody's now. */
  onLead?: () => Promise<void>
  allowedUpdates?: AllowedUpdates
  limits?: Partial<IngestLimits>
  now?: () => Date
}

export interface IngestStatus {
  leader: boolean
  /** Whether updates are being fetched now; false on a stand-by. */
  polling: boolean
  /** When Telegram last answered. */
  lastPollAt: Date | null
  /** Why updates do not come, if they do not. */
  problem: 'conflict' | 'unauthorized' | null
  /** Updates in memory, those being handled included. */
  buffered: number
  lanes: number
}
