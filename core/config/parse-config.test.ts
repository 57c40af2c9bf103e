import { expect, test } from 'vitest'
import { type BotConfig, botConfigSchema } from './bot-config.ts'
import { ConfigError, parseConfig } from './parse-config.ts'
import { type WebConfig, webConfigSchema } from './web-config.ts'

const environment = {
  BOT_TOKEN: '123456:AAsecret_-',
  ADMIN_GROUP_ID: '-1001234567890',
  ADMIN_CHAT_ID: '11, 22',
  STRIPE_API_KEY: 'sk_test_1',
  STRIPE_WEBHOOK_SECRET: 'whsec_1',
  DATABASE_URL: 'postgresql://u:p@db:5432/paydesk',
  PUBLIC_URL: 'https://pay.shop.test/',
  NEXTAUTH_SECRET: '0123456789abcdef0123456789abcdef',
}

const bot = (changes: Record<string, string | undefined> = {}): BotConfig =>
  parseConfig('bot', botConfigSchema, { ...environment, ...changes })

const web = (changes: Record<string, string | undefined> = {}): WebConfig =>
  parseConfig('web app', webConfigSchema, { ...environment, ...changes })

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('a bot that is told the necessary gets typed values and the documented defaults', () => {
  expect(bot()).toEqual({
    botToken: '123456:AAsecret_-',
    botId: 123456,
    telegramApiRoot: 'https://api.telegram.org',
    telegramLinkRoot: 'https://t.me',
    adminGroupId: -1001234567890,
    ownerIds: [11, 22],
    stripeApiKey: 'sk_test_1',
    stripeApiBase: 'https://api.stripe.com',
    databaseUrl: 'postgresql://u:p@db:5432/paydesk',
    publicUrl: 'https://pay.shop.test',
    healthPort: 3001,
    currency: 'usd',
    logLevel: 'info',
    limits: { chatPerSecond: 1, groupPerMinute: 18, bulkPerSecond: 28 },
  })
})

test('a web app that is told the necessary gets typed values and the documented defaults', () => {
  expect(web({ CURRENCY: 'EUR' })).toMatchObject({ port: 3000, currency: 'eur', ownerIds: [11, 22], botId: 123456 })
})

test('every problem is listed at once, each with the name of its variable', () => {
  const problems = problemsOf(() =>
    bot({ BOT_TOKEN: 'nonsense', ADMIN_GROUP_ID: '42', PUBLIC_URL: 'pay', CURRENCY: 'dollars', LOG_LEVEL: 'loud' }),
  )
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
    'BOT_TOKEN',
    'ADMIN_GROUP_ID',
    'PUBLIC_URL',
    'CURRENCY',
    'LOG_LEVEL',
  ])
})

test('an empty environment names each necessary variable and says where to get its value', () => {
  const problems = problemsOf(() => parseConfig('web app', webConfigSchema, {}))
  expect(problems).toHaveLength(7)
  for (const problem of problems) expect(problem).toMatch(/^[A-Z_]+ is missing: .{10}/)
})

test('an empty variable counts as absent', () => {
  expect(bot({ BOT_HEALTH_PORT: '', LIMIT_BULK_PER_SECOND: ' ' })).toMatchObject({
    healthPort: 3001,
    limits: { bulkPerSecond: 28 },
  })
})

test('a public address that Telegram would refuse in buttons is refused here, with the reason', () => {
  expect(problemsOf(() => bot({ PUBLIC_URL: 'http://localhost:3000' }))).toEqual([
    expect.stringContaining('Telegram refuses “localhost” in buttons'),
  ])
  expect(bot({ PUBLIC_URL: 'http://127.0.0.1:3000' }).publicUrl).toBe('http://127.0.0.1:3000')
})

test.each(['ftp://a.b', 'https://a.b/path', 'https://a.b/?q=1', 'not an address'])(
  '%s is no public address',
  (value) => {
    expect(problemsOf(() => bot({ PUBLIC_URL: value }))).toHaveLength(1)
  },
)

test.each(['changeme-changeme-changeme', 'your-secret-goes-here-please', '<a secret of 32 characters>'])(
  'the placeholder %s is refused as a secret',
  (value) => {
    expect(problemsOf(() => web({ NEXTAUTH_SECRET: value }))).toEqual([expect.stringContaining('placeholder')])
  },
)

test('a secret in quotes is refused, for they would be sent as part of it', () => {
  expect(problemsOf(() => web({ STRIPE_API_KEY: '"sk_live_1"', STRIPE_WEBHOOK_SECRET: "'whsec_1'" }))).toEqual([
    'STRIPE_API_KEY stands in quotes: leave them out',
    'STRIPE_WEBHOOK_SECRET stands in quotes: leave them out',
  ])
})

test('keys that were mixed up are recognised', () => {
  expect(problemsOf(() => web({ STRIPE_API_KEY: 'pk_live_1', STRIPE_WEBHOOK_SECRET: 'sk_live_1' }))).toEqual([
    expect.stringContaining('STRIPE_API_KEY is a publishable key'),
    expect.stringContaining('STRIPE_WEBHOOK_SECRET is an API key'),
  ])
})

test.each([
  ['PORT', '70000'],
  ['PORT', 'http'],
  ['DATABASE_URL', 'mysql://x/y'],
  ['TELEGRAM_API_ROOT', 'api.telegram.org'],
  ['ADMIN_CHAT_ID', '@owner'],
])('%s cannot be %s', (name, value) => {
  expect(problemsOf(() => web({ [name]: value }))[0]).toMatch(new RegExp(`^${name} must be`))
})

test.each(['0', '-1', 'fast'])('a limit of %s is refused', (value) => {
  expect(problemsOf(() => bot({ LIMIT_CHAT_PER_SECOND: value }))).toHaveLength(1)
})

test('an error never repeats a value, because it may be a secret', () => {
  const read = () => bot({ BOT_TOKEN: 'half-a-secret', STRIPE_API_KEY: 'pk_live_topsecret' })
  expect(read).toThrow(ConfigError)
  expect(problemsOf(read).join()).not.toMatch(/half-a-secret|topsecret/)
})
