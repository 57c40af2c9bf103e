import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium as playwright } from 'playwright'
import { DATA_DIR } from '../scripts/project.ts'

const run = promisify(execFile)

export interface FoundChromium {
  executablePath: string
  args: string[]
  /** To be added to the environment of the browser. */
  env: Record<string, string>
}

const INSTALLED = [
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/** Chromium's own sandbox wants rights that root and most containers lack; the pages under test are ours. */
const ARGS = ['--no-sandbox', '--disable-dev-shm-usage', '--font-render-hinting=none']

/**
 * A Chromium that starts on this machine: CHROMIUM_PATH, Playwright's own, an installed Chrome, or the one inside an
 * npm package, which needs neither a download nor system packages. Throws with what was tried when none starts.
 */
export async function findChromium(): Promise<FoundChromium> {
  const tried: string[] = []
  const candidates = [process.env.CHROMIUM_PATH, playwright.executablePath(), ...INSTALLED]
  for (const path of candidates) {
    if (!path || !existsSync(path)) continue
    const problem = await whyItDoesNotStart(path, {})
    if (!problem) return { executablePath: path, args: ARGS, env: {} }
    tried.push(`${path}: ${problem}`)
  }
  const packaged = process.platform === 'linux' && process.arch === 'x64' ? await unpackChromium() : null
  for (const env of packaged?.environments ?? []) {
    const problem = await whyItDoesNotStart(packaged?.path ?? '', env)
    if (packaged && !problem) return { executablePath: packaged.path, args: [...ARGS, ...PACKAGED_ARGS], env }
    tried.push(`the packaged Chromium: ${problem}`)
  }
  throw new Error(
    `No Chromium starts here. Run \`npx playwright install chromium\`, or set CHROMIUM_PATH.\n${tried.join('\n')}`,
  )
}

/** There is no graphics card to talk to, and drawing without one is cheaper than playing one. */
const PACKAGED_ARGS = ['--disable-gpu', '--no-zygote']

async function whyItDoesNotStart(path: string, env: Record<string, string>): Promise<string | null> {
  try {
    await run(path, ['--version', ...ARGS], { env: { ...process.env, ...env }, timeout: 30_000 })
    return null
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 500) : String(error)
  }
}

interface Packaged {
  path: string
  /** From the least to the most that has to be brought along. */
  environments: Record<string, string>[]
}

/** Unpacked once and kept; it appears whole or not at all, so that two runs at once do not meet a half one. */
async function unpackChromium(): Promise<Packaged> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const packageDir = join(dirname(entry), '..', '..')
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as { version: string }
  const target = join(DATA_DIR, 'chromium', version)
  if (!existsSync(target)) {
    const half = `${target}.${process.pid}`
    await mkdir(half, { recursive: true })
    await inflateInto(half, packageDir)
    await rename(half, target).catch(async (error: unknown) => {
      await rm(half, { recursive: true, force: true })
      if (!existsSync(target)) throw error
    })
  }
  const fonts: Record<string, string> = existsSync('/etc/fonts/fonts.conf')
    ? {}
    : { FONTCONFIG_PATH: join(target, 'fonts') }
  const libraries = { LD_LIBRARY_PATH: join(target, 'al2023', 'lib') }
  return { path: join(target, 'chromium'), environments: [fonts, { ...fonts, ...libraries }] }
}

/** The package unpacks into the system's folder for temporary files, so for that moment ours is that folder. */
async function inflateInto(folder: string, packageDir: string): Promise<void> {
  const names = ['TMPDIR', 'AWS_EXECUTION_ENV', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH']
  const before = names.map((name) => [name, process.env[name]] as const)
  process.env.TMPDIR = folder
  // Asks it for the shared libraries too, which a bare machine lacks.
  process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs22.x'
  try {
    const { default: chromium } = await import('@sparticuz/chromium')
    await chromium.executablePath(join(packageDir, 'bin'))
  } finally {
    for (const [name, value] of before) restore(name, value)
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}
