/**
 * The one-shot step before bot and web in a deployment: migrates DATABASE_URL and gives a new database its beginnings.
 * Usage: node main.mjs [folder of the migrations]
 */
import { z } from 'zod'
import { parseConfig } from '#core/config/parse-config.ts'
import * as variable from '#core/config/variables.ts'
import { applyMigrations, readMigrations } from '../prisma/migrate.ts'
import { MIGRATIONS_DIR } from './project.ts'
import { seedDatabase } from './seed.ts'

const configSchema = z.object({
  DATABASE_URL: variable.databaseUrl,
  CURRENCY: variable.currency,
  ADMIN_CHAT_ID: variable.ownerIds.optional(),
})

try {
  const config = parseConfig('migration', configSchema, process.env)
  const url = config.DATABASE_URL
  const { pending, edited, unknown } = await applyMigrations(
    url,
    await readMigrations(process.argv[2] ?? MIGRATIONS_DIR),
  )
  console.log(pending.length > 0 ? `Applied ${pending.join(', ')}` : 'The database is up to date.')
  for (const name of edited) console.log(`Warning: ${name} was changed after it had been applied.`)
  for (const name of unknown) console.log(`Warning: ${name} was applied by a newer version than this.`)
  const { products } = await seedDatabase(url, { currency: config.CURRENCY, owners: config.ADMIN_CHAT_ID })
  if (products > 0) console.log(`Made the first ${products} products.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
