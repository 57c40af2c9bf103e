import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundleOne, DIST } from '../scripts/build.ts'

const bundles = new Map<string, Promise<string>>()

/**
 * Starts one of our scripts, named from the root, in a process of its own, to be killed. It is bundled first: loading its
 * sources one by one would take longer than most of these processes live.
 */
export async function spawnScript(
  script: string,
  args: readonly string[],
  stdio: StdioOptions = ['ignore', 'inherit', 'inherit'],
): Promise<ChildProcess> {
  const bundle = bundles.get(script) ?? bundleScript(script)
  bundles.set(script, bundle)
  return spawn(process.execPath, [await bundle, ...args], { stdio })
}

/** Beside the bundles of the product; one per process, for several test files may run at once. */
async function bundleScript(script: string): Promise<string> {
  const name = createHash('sha256').update(script).digest('hex').slice(0, 8)
  const output = join(DIST, 'testing', `${name}-${process.pid}.mjs`)
  await bundleOne(script, output)
  process.once('exit', () => rmSync(output, { force: true }))
  return output
}
