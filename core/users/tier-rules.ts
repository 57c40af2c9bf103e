import { loadSettings } from '#core/settings/load-settings.ts'
import type { Settings } from '#core/settings/settings.ts'
import type { Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

/**
 * The rules for tiers, which stay what they are until the transaction ends: a change of the rules waits for it and then
 * counts everybody anew. Ask before any row of users is locked.
 */
export async function holdTierRules(tx: Tx): Promise<Settings['tiers']> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended('tier-rules', 0))`
  return (await loadSettings(tx)).settings.tiers
}

/** Gives everybody the tier of these rules, except where the team has set one. Returns how many changed. */
export async function reevaluateTiers(tx: Tx, { rules }: { rules: Settings['tiers'] }): Promise<number> {
  const [row] = await tx.$queryRaw<{ changed: number }[]>`
    SELECT reevaluate_tiers(${JSON.stringify(rules)}::jsonb) AS changed`
  return row?.changed ?? 0
}
