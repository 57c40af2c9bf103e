import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestServer } from './server.ts'

/** Vitest's global set-up: the workers inherit where the server is and where files may be left through the environment. */
export async function setup(): Promise<() => Promise<void>> {
  // Whatever a test or a process that it killed leaves behind goes with the run.
  const leftovers = await mkdtemp(join(tmpdir(), 'paydesk-test-'))
  // Servers of root's tests run as another account, which must be able to get here.
  await chmod(leftovers, 0o755)
  process.env.TMPDIR = leftovers
  const server = await startTestServer()
  return async () => {
    await server.stop()
    await rm(leftovers, { recursive: true, force: true, maxRetries: 3 })
  }
}
