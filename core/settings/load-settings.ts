import type { Db } from '#core/db.ts'
import { type Settings, settingsSchema } from '#core/settings/settings.ts'

interface Loaded {
  settings: Settings
  rejected: string[]
}

/**
 * Reads all settings, defaults filled in. A stored value that no longer fits its schema falls back to the default
 * and is named in `rejected`, so that one bad row cannot stop a process.
 */
export async function loadSettings(db: Db): Promise<Loaded> {
  return readSettings(await db.setting.findMany({ select: { key: true, value: true } }))
}

/** What the rows of settings say, read as `loadSettings` says. */
export function readSettings(rows: readonly { key: string; value: unknown }[]): Loaded {
  const rejected: string[] = []
  const accepted: Record<string, unknown> = {}
  for (const { key, value } of rows) {
    const field = settingsSchema.shape[key as keyof typeof settingsSchema.shape]
    if (field?.safeParse(value).success) accepted[key] = value
    else rejected.push(key)
  }
  return { settings: settingsSchema.parse(accepted), rejected }
}
