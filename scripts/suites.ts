import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** How one suite ended. `notes` is said in the summary when something about it is not as it should be. */
export interface SuiteResult {
  passed: number
  failed: number
  notes: string[]
}

export interface Command {
  args: readonly string[]
  env?: Record<string, string>
  /** Shown while it runs, or kept and shown only when it fails. */
  output: 'shown' | 'kept'
}

/** Runs Node with these arguments. Resolves with its exit code and whatever it wrote. */
export async function runNode({ args, env = {}, output }: Command): Promise<{ code: number; text: string }> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let text = ''
  const take = (target: NodeJS.WriteStream) => (chunk: Buffer) => {
    text += chunk.toString()
    if (output === 'shown') target.write(chunk)
  }
  child.stdout.on('data', take(process.stdout))
  child.stderr.on('data', take(process.stderr))
  let interrupted = false
  const forward = (signal: NodeJS.Signals) => {
    interrupted = true
    child.kill(signal)
  }
  process.once('SIGINT', forward).once('SIGTERM', forward)
  const code = await new Promise<number>((settle) => {
    child.on('error', () => settle(1))
    child.on('close', (exitCode) => settle(exitCode ?? 1))
  })
  process.off('SIGINT', forward).off('SIGTERM', forward)
  if (interrupted) process.exit(130)
  return { code, text }
}

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

/** Vitest's counts. A file that could not even be loaded has no tests to count, so it counts as one failure. */
export function countVitest(reportPath: string, exitCode: number): SuiteResult {
  const report = readReport(reportPath) as VitestReport | null
  if (!report) return { passed: 0, failed: 1, notes: ['vitest left no report: it crashed'] }
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  const skipped = report.numPendingTests + report.numTodoTests
  return judge({
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped,
    exitCode,
  })
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
}

/** Playwright's counts. A test that passed only at its second attempt has failed. */
export function countPlaywright(reportPath: string, exitCode: number): SuiteResult {
  const report = readReport(reportPath) as PlaywrightReport | null
  if (!report) return { passed: 0, failed: 1, notes: ['playwright left no report: it crashed'] }
  const { expected, unexpected, flaky, skipped } = report.stats
  return judge({ passed: expected, failed: unexpected + flaky, skipped, exitCode })
}

interface Counts {
  passed: number
  failed: number
  skipped: number
  exitCode: number
}

/** Nothing may look like success that is not: no tests, skipped tests, an error outside of every test. */
function judge({ passed, failed, skipped, exitCode }: Counts): SuiteResult {
  const notes: string[] = []
  if (passed + failed === 0) notes.push('no test was run')
  if (skipped > 0) notes.push(`${skipped} test(s) were skipped`)
  if (exitCode !== 0 && failed === 0) notes.push('it failed outside of its tests (see above)')
  return { passed, failed: failed + notes.length, notes }
}

function readReport(path: string): unknown {
  if (!existsSync(path)) return null
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}
