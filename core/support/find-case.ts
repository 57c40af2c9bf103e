import type { Db } from '#core/db.ts'
import { findOwnPayment, type OwnPayment } from '#core/support/list-own-payments.ts'
import type { SupportCase } from '#prisma'

/** A case with the payment it is about, for those who decide. Null when there is none. */
export async function findCase(
  db: Db,
  { caseId }: { caseId: string },
): Promise<(SupportCase & { paid: OwnPayment }) | null> {
  const found = await db.supportCase.findUnique({ where: { id: caseId } })
  const paid = found && (await findOwnPayment(db, found))
  return found && paid ? { ...found, paid } : null
}
