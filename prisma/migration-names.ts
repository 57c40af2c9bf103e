import { readdirSync } from 'node:fs'

/** The migrations in a folder, in the order in which they are applied. */
export function listMigrationNames(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}
