import 'server-only'
import { ConfigError } from '#core/config/parse-config.ts'
import { type Deps, getDeps } from '#web/server/deps.ts'

/**
 * Checks the configuration (all problems are printed, then the process ends) and warms what the first page needs. When
 * the process is asked to stop, open event streams end and no new one begins, because the server waits for every answer
 * to be complete.
 */
export function startServer(): void {
  const { home, live, log } = depsOrExit()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void live.stop())
  home.read(new Date()).catch((error: Error) => log.warn({ err: error }, 'the database is not ready yet'))
}

function depsOrExit(): Deps {
  try {
    return getDeps()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
