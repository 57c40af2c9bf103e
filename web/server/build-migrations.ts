/** The migrations this build was made with; none outside a build. */
export function buildMigrations(): string[] {
  return typeof PAYDESK_MIGRATIONS === 'string' ? PAYDESK_MIGRATIONS.split(',').filter(Boolean) : []
}
