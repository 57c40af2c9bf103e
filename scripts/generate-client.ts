import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from './project.ts'

/**
 * Writes prisma/generated. The Prisma CLI wants to download a schema engine first, which generating does not use;
 * naming any existing executable spares the download, so this works without a network.
 */
export async function generateClient(): Promise<void> {
  const cli = join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build', 'index.js')
  await promisify(execFile)(process.execPath, [cli, 'generate', '--no-hints'], {
    cwd: ROOT,
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  })
}
