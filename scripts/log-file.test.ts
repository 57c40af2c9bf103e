import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogFile } from './log-file.ts'

let dir: string
let path: string
let troubles: Error[]
const open = () => openLogFile(path, (error) => troubles.push(error))

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'paydesk-log-'))
  path = join(dir, 'logs', 'bot.log')
  troubles = []
})
afterEach(() => rmSync(dir, { recursive: true }))

test('a log that has grown too large begins anew and keeps one generation', () => {
  const log = open()
  log.write('x'.repeat(20_000_001))
  log.write('fresh\n')
  log.close()
  expect(readFileSync(path, 'utf8')).toBe('fresh\n')
  expect(statSync(`${path}.1`).size).toBe(20_000_001)
  expect(troubles).toEqual([])
})

test('a log that cannot be written is told of once, and never ends whoever writes it', () => {
  const log = open()
  log.write('x'.repeat(20_000_001))
  mkdirSync(join(`${path}.1`, 'in the way'), { recursive: true })
  log.write('lost\n')
  log.write('lost\n')
  expect(troubles).toHaveLength(1)
  rmSync(`${path}.1`, { recursive: true })
  log.write('well again\n')
  log.close()
  expect(readFileSync(path, 'utf8')).toBe('well again\n')
})
