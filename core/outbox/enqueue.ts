import type { z } from 'zod'
import type { Db } from '#core/db.ts'
import { notify } from '#core/live/notify.ts'
import {
  lanes,
  type OutboxPayload,
  type OutboxPurpose,
  outboxPayloads,
  outboxPriority,
} from '#core/outbox/outbox-item.ts'

interface Entry<P extends OutboxPurpose> {
  lane: string
  purpose: P
  priority: number
  userId?: bigint
  messageId?: bigint
  payload: OutboxPayload<P>
}

/**
 * Owes Telegram one more call. Commit it together with the state that justifies it; the bot sends it at least once,
 * in lane order, and is woken when the transaction commits.
 */
export async function enqueue<P extends OutboxPurpose>(db: Db, entry: Entry<P>): Promise<void> {
  const { lane, purpose, priority, userId = null, messageId = null } = entry
  const payload = JSON.stringify(outboxPayloads[purpose].parse(entry.payload))
  await db.$executeRaw`
    INSERT INTO outbox (lane, purpose, priority, user_id, message_id, payload)
    VALUES (${lane}, ${purpose}, ${priority}::smallint, ${userId}, ${messageId}, ${payload}::json)`
  await notify(db, 'outbox')
}

/** What a notice says; see the payload. */
type NoticePayload = z.input<(typeof outboxPayloads)['notice']>

/** Owes a user one of the bot's own texts (`text` is a key of the locale files). */
export async function enqueueNotice(db: Db, { userId, ...notice }: { userId: bigint } & NoticePayload): Promise<void> {
  const { args = {}, buttons = 'none', text, link, retryProductId } = notice
  await enqueue(db, {
    lane: lanes.chat(userId),
    purpose: 'notice',
    priority: outboxPriority.userFacing,
    userId,
    payload: { text, args, buttons, ...(link && { link }), ...(retryProductId && { retryProductId }) },
  })
}
