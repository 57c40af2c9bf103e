import type { Sql } from '#core/db.ts'
import type { Settings } from '#core/settings/settings.ts'

/** One message of a user as it should be charged: an album is one message with several parts. */
export interface IncomingMessage {
  userId: number
  firstName: string
  lastName: string | null
  username: string | null
  languageCode: string | null
  albumId: string | null
  /** A line for lists. */
  preview: string
  parts: MessagePart[]
  /** The inbox rows to close in the same transaction. */
  updateIds: number[]
}

export interface MessagePart {
  messageId: number
  kind: string
  text: string | null
  /** The Telegram message as it came. */
  content: object
}

interface Facts {
  /** Credits that were taken (or would have been). */
  cost: number
  /** Credits left, debt subtracted. */
  credits: number
  passUntil: Date | null
}

/** Outbox rows that belong to the caller already, so that it need not read them back. */
interface LeasedRows {
  messageIds: bigint[]
  relayId: bigint
  receiptId: bigint | null
}

export type AcceptOutcome =
  | (Facts & { status: 'accepted'; leased: LeasedRows | null })
  | (Facts & { status: 'insufficient' })
  | { status: 'duplicate' }
  | { status: 'banned' }

export interface AcceptOptions {
  botId: number
  settings: Pick<Settings, 'messageCosts' | 'albumPrice' | 'receipts' | 'lowCredits'>
  /** Who takes the outbox rows at once; null leaves them for whoever claims them. */
  owner: string | null
  leaseSeconds: number
}

const UNIQUE_VIOLATION = '23505'
const DEADLOCK = '40P01'

/**
 * Accepts up to a hundred messages of different users in one statement: each is charged, stored for the team and owed
 * to the topic together, or nothing of it happens. A message that was accepted before answers `duplicate`.
 * The outcomes stand in the order of the messages. Throws when the database cannot answer; then nothing was charged.
 */
export async function acceptMessages(
  sql: Sql,
  messages: readonly IncomingMessage[],
  options: AcceptOptions,
): Promise<AcceptOutcome[]> {
  try {
    return await callAcceptFunction(sql, messages, options)
  } catch (error) {
    // Another process accepted one of them in the same instant: by now its rows are visible.
    if (sqlState(error) !== UNIQUE_VIOLATION && sqlState(error) !== DEADLOCK) throw error
    return callAcceptFunction(sql, messages, options)
  }
}

interface Row {
  user_id: string
  status: AcceptOutcome['status']
  cost: number
  credits: number
  pass_until: Date | null
  message_ids: string[]
  relay_id: string | null
  receipt_id: string | null
  leased: boolean
}

async function callAcceptFunction(
  sql: Sql,
  messages: readonly IncomingMessage[],
  options: AcceptOptions,
): Promise<AcceptOutcome[]> {
  const { rows } = await sql.query<Row>({
    name: 'accept_messages',
    text: `SELECT * FROM accept_messages(
      $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
    values: toParameters(messages, options),
  })
  const byUser = new Map(rows.map((row) => [row.user_id, row]))
  return messages.map((message) => toOutcome(byUser.get(String(message.userId))))
}

/** In the order of the function's parameters. Arrays instead of one document: the database need not parse them. */
function toParameters(
  messages: readonly IncomingMessage[],
  { botId, settings, owner, leaseSeconds }: AcceptOptions,
): unknown[] {
  const parts = messages.flatMap(({ userId, parts }) => parts.map((part) => ({ userId, ...part })))
  const updates = messages.flatMap(({ userId, updateIds }) => updateIds.map((id) => ({ userId, id })))
  return [
    botId,
    messages.map(({ userId }) => userId),
    messages.map(({ firstName }) => firstName),
    messages.map(({ lastName }) => lastName),
    messages.map(({ username }) => username),
    messages.map(({ languageCode }) => languageCode),
    messages.map(({ albumId }) => albumId),
    messages.map(({ preview }) => preview),
    parts.map(({ userId }) => userId),
    parts.map(({ messageId }) => messageId),
    parts.map(({ kind }) => kind),
    parts.map(({ text }) => text),
    parts.map(({ kind }) => priceOf(kind, settings.messageCosts)),
    JSON.stringify(parts.map(({ content }) => content)),
    updates.map(({ userId }) => userId),
    updates.map(({ id }) => id),
    settings.albumPrice === 'sum',
    settings.receipts !== 'off',
    settings.lowCredits,
    owner,
    leaseSeconds,
  ]
}

function priceOf(kind: string, costs: Settings['messageCosts']): number {
  const prices: Record<string, number> = costs
  return prices[kind] ?? costs.other
}

function toOutcome(row: Row | undefined): AcceptOutcome {
  if (!row) throw new Error('accept_messages returned no row for a message')
  const facts = { cost: row.cost, credits: row.credits, passUntil: row.pass_until }
  switch (row.status) {
    case 'accepted':
      return { ...facts, status: 'accepted', leased: leasedRows(row) }
    case 'insufficient':
      return { ...facts, status: 'insufficient' }
    case 'duplicate':
    case 'banned':
      return { status: row.status }
  }
}

function leasedRows(row: Row): LeasedRows | null {
  if (!row.leased || row.relay_id === null) return null
  return {
    messageIds: row.message_ids.map(BigInt),
    relayId: BigInt(row.relay_id),
    receiptId: row.receipt_id === null ? null : BigInt(row.receipt_id),
  }
}

/** Whether the database would refuse the same content again: its classes of bad data, broken bounds and limits. */
export function isRefusedContent(error: unknown): boolean {
  return /^(22|23|54)...$/.test(sqlState(error) ?? '')
}

function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
