import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bundleOne } from './build.ts'

test('the bot is bundled as plain ASCII, which takes half the memory, and without what Prisma reads from a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const program = join(folder, 'main.mjs')
  await bundleOne('bot/main.ts', program)
  const text = readFileSync(program, 'latin1')
  const found = /.{0,40}[\x80-\xff].{0,40}/.exec(text)?.[0]
  expect(found, 'a character that makes the engine hold the whole text twice as large').toBeUndefined()
  const longest = text.split('\n').reduce((most, line) => Math.max(most, line.length), 0)
  expect(longest).toBeLessThan(1_000_000)
  const compiler = readFileSync(join(folder, 'query-compiler.wasm'))
  expect(WebAssembly.validate(compiler)).toBe(true)
  execFileSync(process.execPath, ['--check', program])
}, 60_000)
