import type { Db } from '#core/db.ts'
import { notify } from '#core/live/notify.ts'
import { type SettingKey, type Settings, settingsSchema } from '#core/settings/settings.ts'
import type { Prisma } from '#prisma'

/** Stores one setting and tells every process to read again. Throws a ZodError when the value does not fit. */
export async function changeSetting<K extends SettingKey>(
  db: Db,
  { key, value, updatedBy }: { key: K; value: Settings[K]; updatedBy: string },
): Promise<void> {
  const parsed = settingsSchema.shape[key].parse(value) as Prisma.InputJsonValue
  const row = { value: parsed, updatedBy, updatedAt: new Date() }
  await db.setting.upsert({ where: { key }, create: { key, ...row }, update: row })
  await notify(db, 'settings')
}
