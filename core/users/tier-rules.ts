import { readSettings } from '#core/settings/load-settings.ts'
import type { Settings } from '#core/settings/settings.ts'
import type { Prisma } from '#prisma'

type Tx = Prisma.TransactionClient

/**
 * All settings, of which the rules for tiers stay what they are until the transaction ends: a change of the rules waits
 * for it and then counts everybody anew. Ask before any row of users is locked.
 */
export async function holdTierRules(tx: Tx): Promise<Settings> {
  const rows = await tx.$queryRaw<{ key: string; value: unknown }[]>`SELECT key, value FROM hold_settings()`
  return readSettings(rows).settings
}

/** Gives everybody the tier of these rules, except where the team has set one. Returns how many changed. */
export async function reevaluateTiers(tx: Tx, { rules }: { rules: Settings['tiers'] }): Promise<number> {
  const [row] = await tx.$queryRaw<{ changed: number }[]>`
    SELECT reevaluate_tiers(${JSON.stringify(rules)}::jsonb) AS changed`
  return row?.changed ?? 0
}
