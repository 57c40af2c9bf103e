import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countPlaywright, countVitest } from './suites.ts'

let dir: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'paydesk-suites-'))
})

afterAll(() => rmSync(dir, { recursive: true }))

function reportOf(content: unknown): string {
  const path = join(dir, 'report.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

function vitestReport(changes: Record<string, unknown> = {}): string {
  const counts = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  return reportOf({ ...counts, ...changes })
}

test('passed tests are counted', () => {
  expect(countVitest(vitestReport(), 0)).toEqual({ passed: 3, failed: 0, notes: [] })
})

test('a suite that ran nothing has failed', () => {
  expect(countVitest(vitestReport({ numPassedTests: 0 }), 0).failed).toBe(1)
})

test('a suite that crashed before its report has failed', () => {
  expect(countVitest(join(dir, 'absent.json'), 1)).toMatchObject({ passed: 0, failed: 1 })
  expect(countVitest(reportOf('{"half'), 1)).toMatchObject({ passed: 0, failed: 1 })
  expect(countPlaywright(join(dir, 'absent.json'), 0)).toMatchObject({ passed: 0, failed: 1 })
})

test('an error outside of every test fails the suite', () => {
  expect(countVitest(vitestReport(), 1)).toMatchObject({ passed: 3, failed: 1 })
})

test('a test file that cannot be loaded counts as a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }]
  expect(countVitest(vitestReport({ testResults }), 1)).toMatchObject({ passed: 3, failed: 1 })
})

test('a skipped test is no success', () => {
  expect(countVitest(vitestReport({ numPendingTests: 2 }), 0)).toMatchObject({ passed: 3, failed: 1 })
})

test('a browser test that passed only when repeated has failed', () => {
  const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 0 }
  expect(countPlaywright(reportOf({ stats }), 1)).toMatchObject({ passed: 5, failed: 2 })
})
