/** What an earlier start may have left in a cluster's directory: a living owner, an orphan, a stale lock. */
import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { PostgresBinaries, ServerAccount } from './postgres-binaries.ts'

const run = promisify(execFile)
const GUARD_LEAVES_WITHIN_MS = 4_000

interface Lock {
  pid: number
  port: number
  socketDir: string | null
}

/** Another living owner has this cluster; its URL is given so that tools may join. */
export class ClusterInUseError extends Error {
  override name = 'ClusterInUseError'
}

/** Leaves the directory free to start in, whatever happened to the server that was here before. */
export async function clearPredecessor(
  dir: string,
  binaries: PostgresBinaries,
  account: ServerAccount | undefined,
): Promise<void> {
  const lock = await readLock(dir)
  if (!lock) return
  if (await guardStays(dir)) {
    throw new ClusterInUseError(`Another start is using the database in ${dir}. Stop it first, or set DATABASE_URL.`)
  }
  const data = join(dir, 'data')
  if ((await commandOf(lock.pid)).includes('postgres')) {
    await run(binaries.pgCtl, ['stop', '-D', data, '-m', 'fast', '-w', '-t', '30'], { ...account, cwd: dir })
  } else {
    // The number may belong to an unrelated process by now; PostgreSQL itself would refuse to start then.
    await rm(join(data, 'postmaster.pid'), { force: true })
  }
}

/** Whether a guard is at work here and goes on being so; one whose owner has just died needs a moment to leave. */
async function guardStays(dir: string): Promise<boolean> {
  const deadline = Date.now() + GUARD_LEAVES_WITHIN_MS
  const marker = process.platform === 'win32' ? 'node' : 'postgres-guard'
  while (Date.now() < deadline) {
    const pid = Number(await readFile(join(dir, 'guard.pid'), 'utf8').catch(() => '0'))
    if (pid === 0 || !(await commandOf(pid)).includes(marker)) return false
    await delay(50)
  }
  return true
}

/** What the server in this directory says of itself; null when there is none, or never was. */
export async function readLock(dir: string): Promise<Lock | null> {
  const text = await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8').catch(() => null)
  if (text === null) return null
  const [pid, , , port, socketDir] = text.split('\n')
  return { pid: Number(pid), port: Number(port), socketDir: socketDir || null }
}

/** What a process runs, or an empty string when there is no such process. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return line.replaceAll('\0', ' ')
  }
  if (process.platform === 'win32') {
    const { stdout } = await run('tasklist', ['/fi', `PID eq ${pid}`, '/nh']).catch(() => ({ stdout: '' }))
    return stdout
  }
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout
}
