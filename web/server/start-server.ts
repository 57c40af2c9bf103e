import 'server-only'
import { ConfigError } from '#core/config/parse-config.ts'
import { type Deps, getDeps } from '#web/server/deps.ts'

/** Checks the configuration (all problems are printed, then the process ends) and warms what the first page needs. */
export function startServer(): void {
  const { home, log } = depsOrExit()
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
