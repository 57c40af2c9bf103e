import { oweCase } from '#core/support/owe-case.ts'
import type { Prisma } from '#prisma'

/** Puts a case back on the team's table: it was accepted, but the rail refused to give the money back. */
export async function reopenCase(tx: Prisma.TransactionClient, { caseId }: { caseId: string }): Promise<void> {
  const { paymentId, userId } = await tx.supportCase.findUniqueOrThrow({ where: { id: caseId } })
  // Meanwhile the user may have opened another one about the same payment; then that one stands for it.
  if ((await tx.supportCase.count({ where: { paymentId, state: 'open' } })) > 0) return
  const { count } = await tx.supportCase.updateMany({
    where: { id: caseId, state: 'accepted' },
    data: { state: 'open', decidedBy: null, decidedAt: null },
  })
  // One that was accepted by itself never stood in the topic, and the buttons of any other are gone.
  if (count > 0) await oweCase(tx, { caseId, userId })
}
