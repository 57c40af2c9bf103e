/** `npm run verify-ledger`: proves the ledger's promises over the whole database; exits 1 with what breaks them. */
import pg from 'pg'
import { verifiedRules, verifyLedger } from '#core/ledger/verify-ledger.ts'
import { openDatabase } from './database.ts'
import { loadDotEnv } from './project.ts'

loadDotEnv()
const database = await openDatabase()
const client = new pg.Pool({ connectionString: database.url, max: 1 })
try {
  const findings = await verifyLedger(client)
  for (const { rule, rows } of findings) {
    console.log(`✗ ${rule}`)
    for (const row of rows) console.log(`    ${JSON.stringify(row)}`)
  }
  if (findings.length === 0) console.log(`✓ The ledger is sound: ${verifiedRules} rules checked.`)
  process.exitCode = findings.length === 0 ? 0 : 1
} finally {
  await client.end()
  await database.close()
}
