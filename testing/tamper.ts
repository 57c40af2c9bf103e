import type { Pool } from 'pg'

/** Changes rows behind the guards' backs, as a faulty restore or a careless hand would. */
export async function tamper(pool: Pool, sql: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query(`SET session_replication_role = replica; ${sql}`)
    await client.query('SET session_replication_role = DEFAULT')
  } finally {
    client.release()
  }
}
