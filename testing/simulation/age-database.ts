import type pg from 'pg'

const MOST_TRIES = 20
const DEADLOCK = '40P01'

/**
 * Makes everything that the database remembers so much older, which is the same as time passing: passes run out, limits
 * open again, leases end. All tables at once, so that nobody ever sees two times; triggers sleep meanwhile.
 */
export async function ageDatabase(pool: pg.Pool, { seconds }: { seconds: number }): Promise<void> {
  const tables = await listMoments(pool)
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await shiftAll(pool, tables, seconds)
    } catch (error) {
      // A process at work may hold what we wait for and wait for what we hold.
      if ((error as { code?: string }).code !== DEADLOCK || attempt === MOST_TRIES) throw error
    }
  }
}

interface Moments {
  table: string
  columns: string[]
}

async function listMoments(pool: pg.Pool): Promise<Moments[]> {
  const { rows } = await pool.query<Moments>(`
    SELECT c.table_name AS table, array_agg(c.column_name::text) AS columns
    FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type = 'timestamp with time zone'
      AND c.table_name NOT LIKE '\\_prisma%'
    GROUP BY c.table_name ORDER BY c.table_name`)
  return rows
}

async function shiftAll(pool: pg.Pool, tables: Moments[], seconds: number): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SET LOCAL session_replication_role = replica')
    await client.query(`LOCK TABLE ${tables.map(({ table }) => table).join(', ')} IN ACCESS EXCLUSIVE MODE`)
    for (const { table, columns } of tables) {
      const earlier = columns.map((column) => `${column} = ${column} - make_interval(secs => ${seconds})`)
      await client.query(`UPDATE ${table} SET ${earlier.join(', ')}`)
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
