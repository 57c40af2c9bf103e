import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadEnvFile } from 'node:process'
import { fileURLToPath } from 'node:url'

/** The directory of package.json. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Everything a running installation keeps: database, backups, built-file fingerprints. Delete it to start afresh. */
export const DATA_DIR = join(ROOT, '.data')

export const MIGRATIONS_DIR = join(ROOT, 'prisma', 'migrations')
export const SCHEMA_FILE = join(ROOT, 'prisma', 'schema.prisma')
export const EMBEDDED_DIR = join(DATA_DIR, 'postgres')
export const EMBEDDED_PORT = 54_329

/** Reads `.env` of the project into the environment. What is set already wins; an absent file is fine. */
export function loadDotEnv(): void {
  const file = join(ROOT, '.env')
  if (existsSync(file)) loadEnvFile(file)
}
