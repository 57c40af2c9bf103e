import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort, nextFreePort } from './ports.ts'
import {
  binariesIn,
  canReach,
  copyBinaries,
  findBundledPostgres,
  hydrateSymlinks,
  majorVersion,
  type PostgresBinaries,
  type ServerAccount,
  serverAccount,
} from './postgres-binaries.ts'
import { clearPredecessor, readLock } from './postgres-predecessor.ts'

const run = promisify(execFile)
const GUARD = fileURLToPath(new URL('./postgres-guard.mjs', import.meta.url))
const START_TIMEOUT_MS = 60_000
const LOG_LIMIT_BYTES = 10_000_000
/** Systems cut the path of a socket off at 104 bytes or a little more; the server adds its own name to the directory. */
const SOCKET_DIR_MAX_BYTES = 80

export interface EmbeddedPostgresOptions {
  /** Everything lives in here: the cluster (`data/`), its password, its log. Reused by the next start. */
  dir: string
  /** Preferred port; the next free one is taken when it is busy. Without it the system chooses. */
  port?: number
  /** Created when missing. */
  database?: string
  /** `trust` saves the password exchange on each connection; only for throw-away clusters. */
  auth?: 'password' | 'trust'
  /** Settings as `name=value`. */
  postgresFlags?: readonly string[]
  /** Throw-away: the directory is removed when the server stops, also when our own process was killed. */
  ephemeral?: boolean
  /** A directory with other `postgres`, `initdb` and `pg_ctl`, instead of those from npm. */
  binDir?: string
}

export interface EmbeddedPostgres {
  url: string
  port: number
  /** Where the cluster really is; differs from the wish when root's server could not have reached it. */
  dir: string
  /** Resolves when the server has ended, wanted or not. */
  exited: Promise<void>
  /** Fast shutdown: running transactions are rolled back, data is safe. */
  stop(): Promise<void>
}

/**
 * Starts a real PostgreSQL in a directory of ours and returns once it answers. The server stops with this process,
 * however that ends. An orphan of an earlier start is stopped first; a stale lock file is cleared.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const account = await serverAccount()
  const dir = await reachableDir(resolve(options.dir), account)
  const binaries = await reachableBinaries(options.binDir, account)
  await clearPredecessor(dir, binaries, account)
  await ensureCluster(dir, binaries, account, options.auth ?? 'password')
  const port = options.port === undefined ? await freePort() : await nextFreePort(options.port)
  const password = (await readFile(join(dir, 'password'), 'utf8')).trim()
  const socketDir = socketDirIn(dir)
  const guard = await spawnGuard({ dir, socketDir, binaries, account, port, options })
  const exited = once(guard, 'exit').then(() => undefined)
  const admin = adminUrl({ password, port, socketDir })
  const stop = async () => {
    guard.stdin?.end()
    await exited
  }
  try {
    await waitUntilAnswering(admin, dir, exited)
    if (options.database) await ensureDatabase(admin, options.database)
  } catch (error) {
    await stop()
    throw error
  }
  return { url: databaseUrl(admin, options.database ?? 'postgres'), port, dir, exited, stop }
}

/** The URL of the cluster in this directory if somebody is running it now. */
export async function findRunningPostgres(dir: string, database: string): Promise<string | null> {
  const account = await serverAccount()
  const place = await reachableDir(resolve(dir), account)
  const lock = await readLock(place)
  const password = await readFile(join(place, 'password'), 'utf8').catch(() => null)
  if (!lock || password === null) return null
  const url = adminUrl({ password: password.trim(), ...lock })
  return (await answers(url)) ? databaseUrl(url, database) : null
}

/** Where the server also listens for processes of this machine; null where that does not work. */
function socketDirIn(dir: string): string | null {
  return process.platform !== 'win32' && Buffer.byteLength(dir) <= SOCKET_DIR_MAX_BYTES ? dir : null
}

interface Address {
  password: string
  port: number
  socketDir: string | null
}

/** By the socket where there is one: a statement costs both sides a quarter less than over the loopback network. */
function adminUrl({ password, port, socketDir }: Address): string {
  const url = new URL(`postgresql://postgres:${password}@127.0.0.1:${port}/postgres`)
  // Written so that psql understands it, too: to it a plus is no space.
  if (socketDir !== null) url.search = `host=${encodeURIComponent(socketDir)}`
  return url.href
}

/** The same server, another database. */
export function databaseUrl(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

async function reachableDir(dir: string, account: ServerAccount | undefined): Promise<string> {
  if (!account || (await canReach(dirname(dir), account))) return dir
  return join('/var/lib/paydesk', createHash('sha256').update(dir).digest('hex').slice(0, 12))
}

async function reachableBinaries(
  binDir: string | undefined,
  account: ServerAccount | undefined,
): Promise<PostgresBinaries> {
  if (binDir) return binariesIn(binDir)
  const bundled = findBundledPostgres()
  await hydrateSymlinks(bundled)
  if (!account || (await canReach(bundled, account))) return executable(binariesIn(join(bundled, 'bin')))
  const version = createHash('sha256').update(bundled).digest('hex').slice(0, 12)
  return executable(binariesIn(join(await copyBinaries(bundled, `/var/lib/paydesk/postgres-${version}`), 'bin')))
}

async function executable(binaries: PostgresBinaries): Promise<PostgresBinaries> {
  for (const file of Object.values(binaries)) {
    const { mode } = await stat(file)
    if ((mode & 0o111) !== 0o111) await chmod(file, mode | 0o555)
  }
  return binaries
}

async function ensureCluster(
  dir: string,
  binaries: PostgresBinaries,
  account: ServerAccount | undefined,
  auth: 'password' | 'trust',
): Promise<void> {
  const data = join(dir, 'data')
  await mkdir(dir, { recursive: true })
  if (account) await chown(dir, account.uid, account.gid)
  if (await exists(join(dir, 'initialised'))) return
  await rm(data, { recursive: true, force: true })
  const passwordFile = join(dir, 'password')
  await writeFile(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 })
  if (account) await chown(passwordFile, account.uid, account.gid)
  await run(
    binaries.initdb,
    [
      `--pgdata=${data}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      `--auth=${auth === 'trust' ? 'trust' : 'scram-sha-256'}`,
      '--encoding=UTF8',
      ...(await localeFlags(binaries)),
      ...(auth === 'trust' ? ['--no-sync'] : []),
    ],
    { ...account, env: { NODE_ENV: 'production', PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }, cwd: dir },
  )
  await writeFile(join(dir, 'initialised'), '')
}

/** Unicode rules that come with the server, so that neither the machine's locales nor their updates matter. */
async function localeFlags(binaries: PostgresBinaries): Promise<string[]> {
  if ((await majorVersion(binaries)) < 17) return ['--locale=C.UTF-8']
  return ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
}

interface GuardInput {
  dir: string
  socketDir: string | null
  binaries: PostgresBinaries
  account: ServerAccount | undefined
  port: number
  options: EmbeddedPostgresOptions
}

async function spawnGuard({ dir, socketDir, binaries, account, port, options }: GuardInput): Promise<ChildProcess> {
  const logFile = join(dir, 'postgres.log')
  if (await exists(logFile)) {
    if ((await stat(logFile)).size > LOG_LIMIT_BYTES) await truncate(logFile, 0)
  }
  const flags = options.postgresFlags ?? []
  const listen = ['listen_addresses=127.0.0.1', `unix_socket_directories=${quoted(socketDir ?? '')}`]
  const settings = [...listen, 'timezone=UTC', ...flags]
  const spec = {
    command: binaries.postgres,
    args: ['-D', join(dir, 'data'), '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    logFile,
    pidFile: join(dir, 'guard.pid'),
    ...(options.ephemeral ? { removeDir: dir } : {}),
    ...account,
  }
  return spawn(process.execPath, [GUARD, JSON.stringify(spec)], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
    windowsHide: true,
    cwd: dir,
  })
}

/** The setting is a list: a directory's name may hold what separates its parts. */
function quoted(dir: string): string {
  return dir === '' ? '' : `"${dir.replaceAll('"', '""')}"`
}

async function waitUntilAnswering(url: string, dir: string, exited: Promise<void>): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  let ended = false
  void exited.then(() => {
    ended = true
  })
  while (!(await answers(url))) {
    if (ended || Date.now() > deadline) {
      const log = await readFile(join(dir, 'postgres.log'), 'utf8').catch(() => '')
      throw new Error(`PostgreSQL did not start. The end of ${join(dir, 'postgres.log')}:\n${log.slice(-2000)}`)
    }
    await delay(30)
  }
}

async function ensureDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client(adminUrl)
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`)
  } finally {
    await client.end()
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
