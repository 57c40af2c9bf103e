import 'server-only'
import pino, { type Logger } from 'pino'
import { createHomeReader, type HomeReader } from '#core/analytics/home-reader.ts'
import { type Database, openDatabase } from '#core/db.ts'
import { buildMigrations } from '#core/health/build-migrations.ts'
import type { WebConfig } from '#web/server/config.ts'
import { currentConfig } from '#web/server/current-config.ts'
import { createLiveHub, type LiveHub } from '#web/server/live-hub.ts'

export interface Deps {
  config: WebConfig
  database: Database
  live: LiveHub
  home: HomeReader
  log: Logger
}

/** Next bundles pages, routes and start-up separately; they find the same instances here. */
const KEY = Symbol.for('paydesk.deps')
const shared = globalThis as { [KEY]?: Deps }

/** The process' only pool, listener and caches, made when first asked for. The only place that constructs them. */
export function getDeps(): Deps {
  shared[KEY] ??= createDeps(currentConfig())
  return shared[KEY]
}

function createDeps(config: WebConfig): Deps {
  const log = pino({
    name: 'web',
    level: config.logLevel,
    redact: ['token', '*.token', 'cookie', '*.cookie', 'authorization', '*.authorization'],
  })
  const onError = (error: Error) => log.warn({ err: error }, 'a database connection broke')
  const database = openDatabase(
    {
      connectionString: config.databaseUrl,
      application_name: 'paydesk web',
      connectionTimeoutMillis: 5_000,
      statement_timeout: 20_000,
    },
    onError,
  )
  return {
    config,
    database,
    live: createLiveHub({ connectionString: config.databaseUrl, onError }),
    home: createHomeReader(database.prisma, { currency: config.currency, migrations: buildMigrations() }),
    log,
  }
}
