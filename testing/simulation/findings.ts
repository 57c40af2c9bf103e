/** What is not as it should be, with the rows that show it. */
export interface Finding {
  what: string
  rows: unknown[]
}

/** None when there are no rows. */
export function found(what: string, rows: unknown[]): Finding[] {
  return rows.length === 0 ? [] : [{ what, rows: rows.slice(0, 20) }]
}

/** In lines, for a person; big integers are written as numbers. */
export function describeFindings(findings: readonly Finding[]): string {
  const write = (row: unknown) =>
    typeof row === 'string'
      ? row
      : JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  return findings
    .map(({ what, rows }) => [`✗ ${what}`, ...rows.map((row) => `    ${write(row)}`)].join('\n'))
    .join('\n')
}
