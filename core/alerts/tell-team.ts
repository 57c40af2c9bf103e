import type { Db } from '#core/db.ts'
import { notify } from '#core/live/notify.ts'
import { enqueue } from '#core/outbox/enqueue.ts'
import { lanes, outboxPriority } from '#core/outbox/outbox-item.ts'
import type { Severity } from '#prisma'

/**
 * Owes the owners and General a piece of news. Unlike an alert it is nothing to be resolved. Say it in the transaction
 * of what happened.
 */
export async function tellTeam(
  db: Db,
  { severity, title, detail }: { severity: Severity; title: string; detail: string },
): Promise<void> {
  await enqueue(db, {
    lane: lanes.team(),
    purpose: 'alert',
    priority: outboxPriority.userFacing,
    payload: { title, detail, severity },
  })
  await notify(db, 'live')
}
