/** Runs every check and suite; the last line says how many passed and failed in all. `scripts/test.mjs` loads it. */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { buildBundle, buildClient, buildWeb } from './build.ts'
import { DATA_DIR, ROOT } from './project.ts'
import { countPlaywright, countVitest, runNode, type SuiteResult } from './suites.ts'

const REPORTS = join(DATA_DIR, 'test')
const TRAFFIC = join(REPORTS, 'traffic')

process.chdir(ROOT)
rmSync(REPORTS, { recursive: true, force: true })
mkdirSync(TRAFFIC, { recursive: true })
// Where the suites' stand-ins log what went over the wire.
process.env.TEST_TRAFFIC_DIR = TRAFFIC

let passed = 0
let failed = 0
const failures: string[] = []

await run('client', generated)
const checks: [name: string, args: string[]][] = [
  ['types', [binary('typescript', 'bin/tsc'), '--noEmit', '-p', '.']],
  ['types web', [binary('typescript', 'bin/tsc'), '--noEmit', '-p', 'web']],
  ['lint', [binary('oxlint', 'bin/oxlint'), '--deny-warnings']],
  ['format', [binary('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', '.']],
  ['dead code', [binary('knip', 'bin/knip.js')]],
]
await run('route types', () => check([binary('next', 'dist/bin/next'), 'typegen', 'web']))
// Most of them keep one core busy.
const besideEachOther = pLimit(2)
await Promise.all(checks.map(([name, args]) => besideEachOther(() => run(name, () => check(args)))))
await run('vitest', vitest)
await run('build', built)
await run('playwright', playwright)
await run('traffic', traffic)

for (const failure of failures) print(`✗ ${failure}`)
print(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)

async function run(name: string, suite: () => Promise<SuiteResult>): Promise<void> {
  const startedAt = Date.now()
  const result = await suite().catch((error: unknown) => ({
    passed: 0,
    failed: 1,
    notes: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }))
  passed += result.passed
  failed += result.failed
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  const mark = result.failed > 0 ? '✗' : '✓'
  print(`${mark} ${name.padEnd(12)} ${result.passed} passed, ${result.failed} failed (${seconds} s)`)
  for (const note of result.notes) print(`  ${note}`)
  if (result.failed > 0) failures.push(`${name}: ${result.failed} failed`)
}

async function check(args: string[]): Promise<SuiteResult> {
  const { code, text } = await runNode({ args, output: 'kept' })
  if (code !== 0) print(text.trimEnd())
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, notes: [] }
}

async function generated(): Promise<SuiteResult> {
  await buildClient(() => undefined)
  return { passed: 1, failed: 0, notes: [] }
}

async function vitest(): Promise<SuiteResult> {
  const report = join(REPORTS, 'vitest.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const cli = binary('vitest', 'vitest.mjs')
  const { code } = await runNode({ args: [cli, 'run', ...reporters], output: 'shown' })
  return countVitest(report, code)
}

async function built(): Promise<SuiteResult> {
  const report = (subject: string, text: string) => print(`  ${subject.padEnd(11)}${text}`)
  for (const name of ['sandbox', 'bot', 'migrate'] as const) await buildBundle(name, report)
  await buildWeb(report)
  return { passed: 1, failed: 0, notes: [] }
}

async function playwright(): Promise<SuiteResult> {
  const config = 'e2e/playwright.config.ts'
  if (!existsSync(config)) return { passed: 0, failed: 1, notes: [`${config} is missing`] }
  const report = join(REPORTS, 'playwright.json')
  const { code } = await runNode({
    args: [binary('playwright', 'cli.js'), 'test', '-c', config, '--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
    output: 'shown',
  })
  return countPlaywright(report, code)
}

async function traffic(): Promise<SuiteResult> {
  const folder = process.env.WIRE_VALIDATORS
  if (!folder) {
    return { passed: 0, failed: 0, notes: ['not checked: WIRE_VALIDATORS names no folder with the validators'] }
  }
  const { checkAllTraffic } = await import('./check-traffic.ts')
  return checkAllTraffic(TRAFFIC, folder)
}

/** The program of a package. Not every package lets itself be resolved, so it is named by its place. */
function binary(name: string, path: string): string {
  return join(ROOT, 'node_modules', name, path)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
