import { PrismaPg } from '@prisma/adapter-pg'
import { type ClientBase, Pool, type PoolConfig } from 'pg'
import { type Prisma, PrismaClient } from '#prisma'

/** The Prisma client or a transaction of it: what a domain verb works on. */
export type Db = PrismaClient | Prisma.TransactionClient

/** Plain SQL for the hot path: anything that can run one statement. */
export type Sql = Pick<Pool, 'query'>

/** One pool per process, seen through Prisma and through plain SQL alike. */
export interface Database {
  prisma: PrismaClient
  pool: Pool
  close(): Promise<void>
}

/** Each takes some ten kilobytes in every connection's backend. */
const MOST_NAMED_STATEMENTS = 500

/**
 * Names statements, so that PostgreSQL parses and plans each once per connection and not every time. Those without
 * parameters are mostly BEGIN and COMMIT, which are shorter without a name. Texts that grow with a list would never end.
 */
function statementNames(): (statement: { sql: string; args: readonly unknown[] }) => string {
  const names = new Map<string, string>()
  return ({ sql, args }) => {
    const known = names.get(sql)
    if (known !== undefined) return known
    if (args.length === 0 || names.size === MOST_NAMED_STATEMENTS) return ''
    const name = `prisma-${names.size}`
    names.set(sql, name)
    return name
  }
}

/**
 * Opens a pool of a few connections of its own, for what must not wait until the process' other work lets go of one.
 * Idle connections that break are reported to `onError` and replaced by the pool; queries in flight reject.
 */
export function openPool(config: PoolConfig & { connectionString: string }, onError: (error: Error) => void): Pool {
  // A network that freezes must not hold the pool for as long as TCP hopes.
  const patience = { keepAlive: true, connectionTimeoutMillis: 5_000, query_timeout: 30_000 }
  const pool = new Pool({ max: 10, ...patience, onConnect: speakInUtc, ...config })
  pool.on('error', onError)
  return pool
}

/**
 * Prisma leaves the zone out of the times that it writes and reads, as if every server told them in UTC. The pool waits
 * for the answer before it lends the connection, which its types do not say.
 */
function speakInUtc(client: ClientBase): unknown {
  return client.query(`SET TIME ZONE 'UTC'`)
}

/** Opens the process' main connection pool; it behaves as `openPool` says. */
export function openDatabase(
  config: PoolConfig & { connectionString: string },
  onError: (error: Error) => void,
): Database {
  const pool = openPool(config, onError)
  const options = { disposeExternalPool: false, statementNameGenerator: statementNames() }
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, options) })
  return {
    prisma,
    pool,
    async close() {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}
