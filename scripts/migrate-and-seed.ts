/**
 * The one-shot step before bot and web in a deployment: migrates DATABASE_URL and gives a new database its beginnings.
 * Usage: node main.mjs [folder of the migrations]
 */
import { applyMigrations, readMigrations } from '../prisma/migrate.ts'
import { MIGRATIONS_DIR } from './project.ts'
import { seedDatabase } from './seed.ts'

const { DATABASE_URL: url, CURRENCY: currency, ADMIN_CHAT_ID: owners } = process.env
try {
  if (!url) throw new Error('DATABASE_URL is missing: the PostgreSQL database to migrate.')
  const { pending } = await applyMigrations(url, await readMigrations(process.argv[2] ?? MIGRATIONS_DIR))
  console.log(pending.length > 0 ? `Applied ${pending.join(', ')}` : 'The database is up to date.')
  const { products } = await seedDatabase(url, { currency: currency || 'usd', owners })
  if (products > 0) console.log(`Made the first ${products} products.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
