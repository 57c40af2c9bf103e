import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundlePage } from './page-files.ts'

/** Writes the finished page into a folder, from which the bundled sandbox serves it. */
export async function buildPage(targetDir: string): Promise<void> {
  const files = await bundlePage(fileURLToPath(new URL('page', import.meta.url)), { minify: true })
  await rm(targetDir, { recursive: true, force: true })
  for (const [name, content] of files) {
    const target = join(targetDir, name)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPage(fileURLToPath(new URL('../../dist/phone', import.meta.url)))
}
