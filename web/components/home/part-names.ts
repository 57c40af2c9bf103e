import type { HealthPart } from '#core/health/read-health.ts'

/** What people call the parts that a health check looks at. */
export const partNames: Record<HealthPart, string> = { database: 'Database', migrations: 'Migrations', poller: 'Bot' }
