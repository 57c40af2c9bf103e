import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { nextFreePort } from '../scripts/ports.ts'
import { ROOT } from '../scripts/project.ts'

const STARTS_WITHIN_MS = 240_000

export type Env = Record<string, string>

export interface RunningPaydesk {
  /** Everything the start has said so far, to both of its outputs. */
  said(): string
  /** Asks it to stop as a platform does. Resolves with its exit code. */
  stop(): Promise<number | null>
}

/** Ports on which nobody listens, by the names of their variables. */
export async function chooseFreePorts(names: readonly string[], from: number): Promise<Env> {
  const taken = new Set<number>()
  const ports: Env = {}
  for (const name of names) {
    const port = await nextFreePort(from, taken)
    taken.add(port)
    ports[name] = String(port)
  }
  return ports
}

/** Runs what `npm start` runs and resolves once it says that it is up. Throws with all it said when it ends before. */
export async function startPaydesk(env: Env): Promise<RunningPaydesk> {
  const { child, said, exited } = launch(env)
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGTERM')
      reject(new Error(`Paydesk did not start in time:\n${said()}`))
    }, STARTS_WITHIN_MS)
    child.stdout.on('data', () => {
      if (!said().includes('Paydesk is up after')) return
      clearTimeout(late)
      resolve()
    })
    exited.then((code) => {
      clearTimeout(late)
      reject(new Error(`Paydesk ended with ${code} at its start:\n${said()}`))
    }, reject)
  })
  return {
    said,
    stop: () => {
      child.kill('SIGTERM')
      return exited
    },
  }
}

/** Runs what `npm start` runs with a configuration that it has to refuse. */
export async function startInVain(env: Env): Promise<{ code: number | null; said: string }> {
  const { said, exited } = launch(env)
  return { code: await exited, said: said() }
}

function launch(env: Env) {
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: string[] = []
  const keep = (chunk: Buffer) => chunks.push(String(chunk))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { child, exited, said: () => chunks.join('') }
}
