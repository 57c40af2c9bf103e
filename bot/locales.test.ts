import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadTexts } from '#bot/i18n.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'bot/locales/en')

/** Each text by its key, as it stands in the file. */
const texts = readdirSync(folder).flatMap((file) =>
  [...readFileSync(join(folder, file), 'utf8').matchAll(/^([a-z][\w-]*) =(.*(?:\n[ \t].*|\n(?=\n[ \t]))*)/gm)].map(
    (match) => [match[1] ?? '', match[2] ?? ''] as const,
  ),
)
const keys = texts.map(([key]) => key).sort()

/** Everything that may name a text: the code of bot and core without tests, and the functions in the migrations. */
function sources(): string[] {
  const isSource = (path: string) => /\.(ts|sql)$/.test(path) && !/\.test\.ts$|test-stage\.ts$|fixture\.ts$/.test(path)
  return ['bot', 'core', 'prisma/migrations'].flatMap((part) =>
    readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })
      .filter(isSource)
      .map((path) => readFileSync(join(root, part, path), 'utf8')),
  )
}

const code = sources().join('\n')
const literals = new Set(
  [...code.matchAll(/(['"`])([a-z][a-z0-9_]*(?:-[\w$.{}]+)+)\1/g)].map((match) => match[2] ?? ''),
)

/** A literal with a gap in it, such as `tier-${tier}`, stands for every key that fits. */
const patterns = [...literals]
  .filter((literal) => literal.includes('${'))
  .map((literal) => new RegExp(`^${literal.replaceAll(/\$\{[^}]*\}/g, '[\\w-]+')}$`))

const isUsed = (key: string) => literals.has(key) || patterns.some((pattern) => pattern.test(key))

test('no key stands in two files', () => {
  expect(keys.filter((key, index) => keys[index + 1] === key)).toEqual([])
})

test('every text of the locale files is used', () => {
  expect(keys.filter((key) => !isUsed(key))).toEqual([])
})

test('every text that the code asks for exists', () => {
  const asks = [
    /\bt\(\s*'(\w+-[\w-]+)'/g,
    /\btranslate\(\s*'([\w-]+)'/g,
    /\bi18n\.t\(\s*[\w.]+,\s*'([\w-]+)'/g,
    /\breplyTo\(ctx, '([\w-]+)'/g,
    /\btext: '((?:notice|buy|something)-[\w-]+)'/g,
    /'text',\s*'(\w+-[\w-]+)'/g,
  ]
  const asked = asks.flatMap((ask) => [...code.matchAll(ask)].map((match) => match[1] ?? ''))
  expect(asked.length).toBeGreaterThan(40)
  expect(asked.filter((key) => !keys.includes(key))).toEqual([])
})

test('every text can be written with the arguments it names', () => {
  const i18n = loadTexts()
  for (const [key, body] of texts) {
    const args = Object.fromEntries([...body.matchAll(/\$(\w+)/g)].map((match) => [match[1] ?? '', 1]))
    expect(i18n.t('en', key, args).trim(), key).not.toBe('')
  }
})

test('a moment is the same in every text, wherever the server stands: each names its zone', () => {
  const moments = texts.flatMap(([, body]) => body.match(/DATETIME\([^)]*\)/g) ?? [])
  expect(moments.length).toBeGreaterThan(20)
  expect(moments.filter((moment) => !moment.includes('timeZone: "UTC"'))).toEqual([])
})

test('one of something is never spoken of as several', () => {
  const i18n = loadTexts()
  const counted = /^(?:credits|bonus|balance|loyalty|extra|cost|minutes|stars|count|uses|came|sent|owed)$/
  for (const [key, body] of texts) {
    const names = [...body.matchAll(/\$(\w+)/g)].map((match) => match[1] ?? '')
    const args = Object.fromEntries(names.map((name) => [name, counted.test(name) ? 1 : 7]))
    expect(i18n.t('en', key, args), key).not.toMatch(
      /\b(?:1|one) (?:bonus )?(?:credits|minutes|messages|people|Stars)\b/i,
    )
  }
})

test.each([
  [{ balance: 34, owed: 0 }, '25 credits came off your balance.\nYou have 34 credits now.'],
  [
    { balance: -16, owed: 16 },
    '25 credits came off your balance.\nYou are 16 credits below zero; your next purchase makes up for them first.',
  ],
])(
  'a refund says what came off and what is left, and speaks of the next purchase only below zero: %j',
  (left, said) => {
    const args = { money: '$5.99', label: '25 credits', credits: 25, seconds: 0, ...left }
    expect(loadTexts().t('en', 'refund-made', args)).toContain(said)
    expect(loadTexts().t('en', 'refund-by-bank', args)).toContain(said)
  },
)
