import type { Db } from '#core/db.ts'
import { loadSettings } from '#core/settings/load-settings.ts'
import type { Settings } from '#core/settings/settings.ts'

/** The settings as this process knows them. `refresh` is called on a notification and from time to time. */
export interface SettingsCache {
  readonly current: Settings
  refresh(): Promise<void>
}

/** Loads the settings once and keeps them; `onRejected` hears of stored values that do not fit. */
export async function createSettingsCache(db: Db, onRejected: (keys: string[]) => void): Promise<SettingsCache> {
  let current: Settings
  async function refresh() {
    const loaded = await loadSettings(db)
    if (loaded.rejected.length > 0) onRejected(loaded.rejected)
    current = loaded.settings
  }
  await refresh()
  return {
    get current() {
      return current
    },
    refresh,
  }
}
