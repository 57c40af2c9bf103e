import type { Prisma } from '#prisma'

/** Puts a case back on the team's table: it was accepted, but the rail refused to give the money back. */
export async function reopenCase(tx: Prisma.TransactionClient, { caseId }: { caseId: string }): Promise<void> {
  const { paymentId } = await tx.supportCase.findUniqueOrThrow({ where: { id: caseId } })
  // Meanwhile the user may have opened another one about the same payment; then that one stands for it.
  if ((await tx.supportCase.count({ where: { paymentId, state: 'open' } })) > 0) return
  await tx.supportCase.updateMany({
    where: { id: caseId, state: 'accepted' },
    data: { state: 'open', decidedBy: null, decidedAt: null },
  })
}
