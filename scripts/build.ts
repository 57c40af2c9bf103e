import { execFile } from 'node:child_process'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build as bundle, stop as stopBundler } from 'esbuild'
import { listMigrationNames } from '../prisma/migration-names.ts'
import { endWithUs } from './end-with-us.mjs'
import { fingerprintOf, onceFor } from './fingerprint.ts'
import { generateClient } from './generate-client.ts'
import { MIGRATIONS_DIR, ROOT } from './project.ts'
import { wasmBeside } from './wasm-beside.ts'

export const DIST = join(ROOT, 'dist')
export const WEB_SERVER = join(ROOT, 'web', '.next', 'standalone', 'web', 'server.js')

/** A step that ended with words of its own about what is wrong. */
export class BuildFailedError extends Error {
  override name = 'BuildFailedError'
}

/** Told when a step begins and how it ended, in words for a person. */
export type Report = (subject: string, text: string) => void

/** The Prisma client; everything else needs it. */
export async function buildClient(report: Report): Promise<void> {
  const output = join(ROOT, 'prisma', 'generated', 'client.ts')
  const inputs = ['prisma/schema.prisma', 'node_modules/prisma/package.json', 'scripts/generate-client.ts']
  await step({ subject: 'client', inputs, output, doing: 'generating…', report }, generateClient)
}

/** A process of ours that needs no node_modules: one program, and beside it what it reads. */
export async function buildBundle(name: 'bot' | 'sandbox' | 'migrate', report: Report): Promise<void> {
  const entry = { bot: 'bot/main.ts', sandbox: 'sandbox/main.ts', migrate: 'scripts/migrate-and-seed.ts' }[name]
  const folders = { bot: ['bot', 'core', 'prisma'], sandbox: ['sandbox'], migrate: ['core', 'prisma', 'scripts'] }[name]
  const inputs = [...folders, 'package.json', 'package-lock.json', 'scripts/build.ts', 'scripts/wasm-beside.ts']
  const output = bundlePath(name)
  await step({ subject: name, inputs, output, doing: 'bundling…', report }, async () => {
    await bundleOne(entry, output)
    if (name === 'sandbox') await buildPhonePage(join(dirname(output), 'phone'))
  })
}

async function buildPhonePage(target: string): Promise<void> {
  const { buildPage } = await import('../sandbox/phone/build.ts')
  await buildPage(target)
}

export function bundlePath(name: string): string {
  return join(DIST, name, 'main.mjs')
}

/** Next.js' own stand-alone server, with the files it expects beside it. */
export async function buildWeb(report: Report): Promise<void> {
  const inputs = ['web', 'core', 'prisma', 'package.json', 'package-lock.json', 'scripts/build.ts']
  await step({ subject: 'web app', inputs, output: WEB_SERVER, doing: 'building…', report }, buildNext)
}

/** One program of ours with its packages. `entry` is named from the root. */
export async function bundleOne(entry: string, output: string): Promise<void> {
  await bundle({
    entryPoints: [join(ROOT, entry)],
    outfile: output,
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    // Offered by pg when present; never installed here.
    external: ['pg-native'],
    // Packages written for CommonJS expect these three.
    banner: {
      js: [
        "import { createRequire as paydeskRequire } from 'node:module'",
        "import { fileURLToPath as paydeskPath } from 'node:url'",
        'const require = paydeskRequire(import.meta.url)',
        "const __filename = paydeskPath(import.meta.url), __dirname = paydeskPath(new URL('.', import.meta.url))",
      ].join('\n'),
    },
    loader: { '.ftl': 'text', '.html': 'text', '.css': 'text', '.svg': 'text' },
    // The engine holds the whole text in memory, at two bytes a character if one of them is not ASCII. Names stay, for
    // the sake of stack traces, and so do lines of a readable length.
    minifyWhitespace: true,
    lineLimit: 160,
    legalComments: 'external',
    plugins: [wasmBeside],
    logLevel: 'silent',
    define: {
      'process.env.NODE_ENV': '"production"',
      // What the program expects the database to have; its health check compares.
      PAYDESK_MIGRATIONS: JSON.stringify(listMigrationNames(MIGRATIONS_DIR).join()),
    },
  })
  await stopBundler()
  copyDataFolders(dirname(entry), dirname(output))
}

/** Files that a process reads at run time lie beside its bundle as they lie beside its source. */
function copyDataFolders(from: string, to: string): void {
  for (const folder of ['locales', 'assets', 'public']) {
    const source = join(ROOT, from, folder)
    if (!existsSync(source)) continue
    rmSync(join(to, folder), { recursive: true, force: true })
    cpSync(source, join(to, folder), { recursive: true })
  }
}

async function buildNext(): Promise<void> {
  const next = join(dirname(createRequire(import.meta.url).resolve('next/package.json')), 'dist', 'bin', 'next')
  const building = promisify(execFile)(process.execPath, [next, 'build', 'web'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    maxBuffer: 64_000_000,
  })
  await building
    .catch((error: unknown) => {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      throw new BuildFailedError(`The web app could not be built:\n${stdout}\n${stderr}`, { cause: error })
    })
    .finally(endWithUs(building.child))
  const beside = dirname(WEB_SERVER)
  cpSync(join(ROOT, 'web', '.next', 'static'), join(beside, '.next', 'static'), { recursive: true })
  const publicDir = join(ROOT, 'web', 'public')
  if (existsSync(publicDir)) cpSync(publicDir, join(beside, 'public'), { recursive: true })
}

interface Step {
  subject: string
  inputs: readonly string[]
  output: string
  doing: string
  report: Report
}

async function step({ subject, inputs, output, doing, report }: Step, work: () => Promise<void>): Promise<void> {
  const mark = join(DIST, '.built', subject.replaceAll(' ', '-'))
  const startedAt = Date.now()
  const outcome = await onceFor({ mark, fingerprint: fingerprintOf(ROOT, inputs), output }, async () => {
    report(subject, doing)
    await work()
  })
  if (outcome === 'done') report(subject, `ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}
