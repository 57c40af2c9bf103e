import type { Stage } from './stage.ts'
import { until } from './stage.ts'

/** A lock that a test holds, so that a process stands still at exactly the statement that needs it. */
interface Hold {
  /** Resolves when somebody stands still. */
  caught(): Promise<void>
  /** Resolves when somebody else waits for the one that stands still. */
  followed(): Promise<void>
  /**
   * After the process was killed. `never`: its statement is undone, as if it had not reached the database. `later`: it
   * goes on without its process and commits, since PostgreSQL does not notice that nobody waits any more.
   */
  decide(fate: Fate): Promise<void>
  release(): Promise<void>
}

export type Fate = 'never' | 'later'

/** Runs a locking statement in a transaction that stays open. */
export async function hold({ db }: Stage, sql: string, values: unknown[] = []): Promise<Hold> {
  const client = await db.pool.connect()
  await client.query('BEGIN')
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const pid = rows[0]?.pid
  await client.query(sql, values)
  let isHeld = true

  const waiters = () => waitersFor([pid ?? 0])

  async function waitersFor(pids: number[]): Promise<number[]> {
    const { rows } = await db.pool.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE pg_blocking_pids(pid) && $1::int[]',
      [pids],
    )
    return rows.map((row) => row.pid)
  }

  async function gone(pids: number[], what: string): Promise<void> {
    const isThere = async () => {
      const { rowCount } = await db.pool.query('SELECT 1 FROM pg_stat_activity WHERE pid = ANY($1)', [pids])
      return (rowCount ?? 0) > 0
    }
    await until(async () => !(await isThere()), what)
  }

  async function release(): Promise<void> {
    if (!isHeld) return
    isHeld = false
    await client.query('ROLLBACK')
    client.release()
  }

  return {
    release,
    caught: () => until(async () => (await waiters()).length > 0, 'a process to stand still'),
    followed: () =>
      until(
        async () => (await waitersFor(await waiters())).length > 0,
        'somebody to wait for the one that stands still',
      ),
    async decide(fate) {
      const pids = await waiters()
      if (fate === 'never') await db.pool.query('SELECT pg_terminate_backend(p) FROM unnest($1::int[]) p', [pids])
      if (fate === 'later') await release()
      await gone(pids, 'the statement of the dead process to end')
      await release()
    },
  }
}
