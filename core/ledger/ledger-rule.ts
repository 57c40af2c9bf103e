import type { Sql } from '#core/db.ts'

type Rows = Record<string, unknown>[]

/**
 * A promise of the ledger: in words, and as a query that returns the rows that break it, or code that finds them where
 * a query cannot. A sound ledger returns none.
 */
export type LedgerRule =
  | { rule: string; sql: string; find?: undefined }
  | { rule: string; find: (sql: Sql) => Promise<Rows>; sql?: undefined }
