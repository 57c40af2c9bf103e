import type { Db } from '#core/db.ts'
import { notify } from '#core/live/notify.ts'
import { type SettingKey, type Settings, settingsSchema } from '#core/settings/settings.ts'
import { reevaluateTiers } from '#core/users/tier-rules.ts'
import type { Prisma, PrismaClient } from '#prisma'

/**
 * Stores one setting and tells every process to read again. New rules for tiers count for everybody at once.
 * Throws a ZodError when the value does not fit.
 */
export async function changeSetting<K extends SettingKey>(
  db: Db,
  { key, value, updatedBy }: { key: K; value: Settings[K]; updatedBy: string },
): Promise<void> {
  const parsed = settingsSchema.shape[key].parse(value)
  const row = { value: parsed as Prisma.InputJsonValue, updatedBy, updatedAt: new Date() }
  await together(db, async (tx) => {
    await tx.setting.upsert({ where: { key }, create: { key, ...row }, update: row })
    if (key === 'tiers') await reevaluateTiers(tx, { rules: parsed as Settings['tiers'] })
    await notify(tx, 'settings')
  })
}

/** Everybody may be counted anew. */
const patience = { maxWait: 10_000, timeout: 60_000 } as const

/**
 * In a transaction of its own, or within the one that the caller has opened (a savepoint then). Prisma notes the outer
 * transaction in the options, so they are made anew each time.
 */
async function together(db: Db, work: (tx: Prisma.TransactionClient) => Promise<void>): Promise<void> {
  await (db as PrismaClient).$transaction(work, { ...patience })
}
