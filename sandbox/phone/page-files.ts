import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the browser may ask for, by its path without the leading slash. */
export type PageFiles = Map<string, Uint8Array>

const here = dirname(fileURLToPath(import.meta.url))
const documents = ['index.html', 'icon.svg']

/**
 * The page as it was built beside the bundled sandbox, or, where nothing was built, bundled now from its sources. Run
 * from the sources it is always bundled, so that nobody looks at an old page.
 */
export async function loadPage(): Promise<PageFiles> {
  const besideThis = join(here, 'page')
  if (existsSync(join(besideThis, 'main.tsx'))) return bundlePage(besideThis, { minify: false })
  for (const built of [join(here, 'phone'), join(here, '..', 'phone')])
    if (existsSync(join(built, 'main.js'))) return readFolder(built)
  return bundlePage(join(here, '..', '..', 'sandbox', 'phone', 'page'), { minify: true })
}

export async function bundlePage(pageDir: string, options: { minify: boolean }): Promise<PageFiles> {
  // Named by a variable, because a bundler cannot be bundled into the sandbox; it is only needed beside the sources.
  const bundler = 'esbuild'
  const { build, stop } = (await import(bundler)) as typeof import('esbuild')
  const { outputFiles } = await build({
    entryPoints: { main: join(pageDir, 'main.tsx') },
    bundle: true,
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    minify: options.minify,
    write: false,
    outdir: join(pageDir, 'out'),
    assetNames: 'assets/[name]-[hash]',
    loader: { '.woff2': 'file' },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  })
  const files: PageFiles = new Map()
  for (const { path, contents } of outputFiles) files.set(nameOf(join(pageDir, 'out'), path), contents)
  await stop()
  for (const name of documents) files.set(name, await readFile(join(pageDir, name)))
  return files
}

async function readFolder(folder: string): Promise<PageFiles> {
  const files: PageFiles = new Map()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(nameOf(folder, path), await readFile(path))
  }
  return files
}

function nameOf(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/')
}
