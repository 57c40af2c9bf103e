/** A promise of the ledger: in words, and as a query that returns the rows that break it. A sound ledger returns none. */
export interface LedgerRule {
  rule: string
  sql: string
}
