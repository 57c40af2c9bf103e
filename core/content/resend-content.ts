import { lockRight } from '#core/content/claim-right.ts'
import { ownsContent } from '#core/content/find-content.ts'
import { isContentOwed, oweContent } from '#core/content/owe-content.ts'
import type { PrismaClient } from '#prisma'

/**
 * Owes a user once more what is theirs. `on_its_way` while an earlier delivery is still owed, `not_owned` without a right.
 */
export async function resendContent(
  prisma: PrismaClient,
  right: { contentId: number; userId: bigint },
): Promise<{ status: 'owed' | 'on_its_way' | 'not_owned' }> {
  return prisma.$transaction(async (tx) => {
    await lockRight(tx, right)
    if (!(await ownsContent(tx, right))) return { status: 'not_owned' }
    if (await isContentOwed(tx, right)) return { status: 'on_its_way' }
    await oweContent(tx, right)
    return { status: 'owed' }
  })
}
