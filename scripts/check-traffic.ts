import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { checkTraffic } from '../sandbox/stripe/traffic-check.ts'
import type { SuiteResult } from './suites.ts'

const TELEGRAM_MODES: Record<string, string> = {
  'requests.jsonl': '--wire',
  'results.jsonl': '--result',
  'updates.jsonl': '--update',
}

/** Holds all traffic that the suites left in a folder against the declared types of both protocols, log by log. */
export async function checkAllTraffic(folder: string, validators: string): Promise<SuiteResult> {
  const logs = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).size > 0)
    : []
  if (logs.length === 0) return { passed: 0, failed: 1, notes: ['no suite left any traffic to check'] }
  const result: SuiteResult = { passed: 0, failed: 0, notes: [] }
  for (const log of logs) {
    const problems = await problemsOf(log, validators)
    if (problems.length === 0) result.passed += 1
    else {
      result.failed += 1
      result.notes.push(`${relative(folder, log)}:\n${problems.slice(0, 20).join('\n')}`)
    }
  }
  return result
}

async function problemsOf(log: string, validators: string): Promise<string[]> {
  const name = basename(log)
  if (name === 'violations.jsonl') {
    const lines = readFileSync(log, 'utf8').split('\n')
    return lines.filter((line) => line.startsWith('{"kind":"violation"'))
  }
  const mode = TELEGRAM_MODES[name]
  if (!mode) return (await checkTraffic(log, validators)).problems
  const command = [join(validators, 'tg-validate.mjs'), mode, '--quiet', log]
  return promisify(execFile)(process.execPath, command, { maxBuffer: 64_000_000 }).then(
    () => [],
    (error: { stdout?: string; message: string }) => (error.stdout || error.message).trim().split('\n'),
  )
}
