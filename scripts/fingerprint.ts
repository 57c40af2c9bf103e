import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const IGNORED = new Set(['node_modules', '.next', 'dist', '.data', 'next-env.d.ts'])

/** One number for the names and contents of these files and folders: equal exactly when nothing has changed. */
export function fingerprintOf(root: string, paths: readonly string[]): string {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0] ?? '')
  for (const path of paths) {
    for (const file of filesUnder(root, path)) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function filesUnder(root: string, path: string): string[] {
  const full = join(root, path)
  if (!existsSync(full)) return []
  if (statSync(full).isFile()) return [path]
  return readdirSync(full, { withFileTypes: true })
    .filter((entry) => !IGNORED.has(entry.name) && !/\.(test\.tsx?|tsbuildinfo)$/.test(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesUnder(root, join(path, entry.name)))
}

/** Runs the work unless its inputs are as they were the last time it succeeded and its output is still there. */
export async function onceFor(
  { mark, fingerprint, output }: { mark: string; fingerprint: string; output: string },
  work: () => Promise<void>,
): Promise<'done' | 'unchanged'> {
  if (existsSync(output) && existsSync(mark) && readFileSync(mark, 'utf8') === fingerprint) return 'unchanged'
  await work()
  mkdirSync(dirname(mark), { recursive: true })
  writeFileSync(mark, fingerprint)
  return 'done'
}
