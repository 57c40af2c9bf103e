import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BOT_ENVIRONMENT, BOT_NODE_ARGS } from './bot-memory.ts'
import { isIgnored, parseDockerfile } from './dockerfile.ts'
import { ROOT } from './project.ts'

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')

test.each(['Dockerfile.bot', 'Dockerfile.web'])('%s ends as an ordinary user, with a health check', (name) => {
  const keywords = parseDockerfile(read(name))
    .at(-1)
    ?.instructions.map(({ keyword }) => keyword)
  expect(keywords).toEqual(expect.arrayContaining(['USER', 'HEALTHCHECK', 'CMD']))
})

test('the image starts the bot with the same memory as everywhere else', () => {
  const instructions = parseDockerfile(read('Dockerfile.bot')).at(-1)?.instructions ?? []
  const command = instructions.find(({ keyword }) => keyword === 'CMD')
  expect(JSON.parse(command?.value ?? '')).toEqual(['node', ...BOT_NODE_ARGS, 'bot/main.mjs'])
  const environment = instructions.flatMap(({ keyword, value }) => (keyword === 'ENV' ? value.split(' ') : []))
  expect(environment).toEqual(expect.arrayContaining(Object.entries(BOT_ENVIRONMENT).map((pair) => pair.join('='))))
})

test.each(['.env', '.data/session-secret', 'node_modules/pg/index.js', 'web/.next/server/app.js', '.git/config'])(
  '%s never gets into an image',
  (path) => {
    expect(isIgnored(path, read('.dockerignore'))).toBe(true)
  },
)

test.each([
  'bot/main.ts',
  'package-lock.json',
  'prisma/migrations/1/migration.sql',
  'web/next.config.ts',
  'prisma.config.ts',
])('%s is there to build from', (path) => {
  expect(isIgnored(path, read('.dockerignore'))).toBe(false)
})
