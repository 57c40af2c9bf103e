import { enqueue } from '#core/outbox/enqueue.ts'
import { lanes, outboxPriority } from '#core/outbox/outbox-item.ts'
import type { Prisma } from '#prisma'

/** Owes the team the message about a case, with its buttons, in the user's topic. */
export async function oweCase(
  tx: Prisma.TransactionClient,
  { caseId, userId }: { caseId: string; userId: bigint },
): Promise<void> {
  await enqueue(tx, {
    lane: lanes.topic(userId),
    purpose: 'case',
    priority: outboxPriority.userFacing,
    userId,
    payload: { caseId },
  })
}
