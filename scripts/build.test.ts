import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleOne } from './build.ts'
import { MIGRATIONS_DIR } from './project.ts'

let folder: string
let text: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-bundle-'))
  await bundleOne('bot/main.ts', join(folder, 'main.mjs'))
  text = readFileSync(join(folder, 'main.mjs'), 'latin1')
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the bot is bundled as plain ASCII, which takes half the memory, and without what Prisma reads from a file', () => {
  const found = /.{0,40}[\x80-\xff].{0,40}/.exec(text)?.[0]
  expect(found, 'a character that makes the engine hold the whole text twice as large').toBeUndefined()
  const longest = text.split('\n').reduce((most, line) => Math.max(most, line.length), 0)
  expect(longest).toBeLessThan(1_000_000)
  const compiler = readFileSync(join(folder, 'query-compiler.wasm'))
  expect(WebAssembly.validate(compiler)).toBe(true)
  execFileSync(process.execPath, ['--check', join(folder, 'main.mjs')])
})

test('the bundled bot knows which migrations it needs, so that its health check misses those the database lacks', () => {
  const needed = readdirSync(MIGRATIONS_DIR, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const joined = text.replaceAll('\\\n', '')
  expect(needed.map(({ name }) => name).filter((name) => !joined.includes(name))).toEqual([])
})
