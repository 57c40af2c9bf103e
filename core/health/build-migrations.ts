/** Names of the migrations in the source tree that was built, comma-separated; absent when nothing was built. */
declare const PAYDESK_MIGRATIONS: string | undefined

/** The migrations this build was made with; none outside a build. */
export function buildMigrations(): string[] {
  return typeof PAYDESK_MIGRATIONS === 'string' ? PAYDESK_MIGRATIONS.split(',').filter(Boolean) : []
}
