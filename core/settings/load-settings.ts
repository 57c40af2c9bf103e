import type { Db } from '#core/db.ts'
import { type Settings, settingsSchema } from '#core/settings/settings.ts'

/**
 * Reads all settings, defaults filled in. A stored value that no longer fits its schema falls back to the default
 * and is named in `rejected`, so that one bad row cannot stop a process.
 */
export async function loadSettings(db: Db): Promise<{ settings: Settings; rejected: string[] }> {
  const rows = await db.setting.findMany()
  const rejected: string[] = []
  const accepted: Record<string, unknown> = {}
  for (const { key, value } of rows) {
    const field = settingsSchema.shape[key as keyof typeof settingsSchema.shape]
    if (field?.safeParse(value).success) accepted[key] = value
    else rejected.push(key)
  }
  return { settings: settingsSchema.parse(accepted), rejected }
}
