import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, test } from 'vitest'
import { botConfigSchema } from '#core/config/bot-config.ts'
import { ConfigError, parseConfig } from '#core/config/parse-config.ts'
import { webConfigSchema } from '#core/config/web-config.ts'
import { checkConfig, choosePorts, isSandbox, PortBusyError, processEnv } from './launch-settings.ts'
import { freePort } from './ports.ts'
import { ROOT } from './project.ts'

const PORTS = { web: 3000, bot: 3001, phone: 3010, telegram: 3011, stripe: 3012 }
const example = parseEnv(readFileSync(join(ROOT, '.env.example'), 'utf8'))

test('the example file opens the sandbox as it stands, with a configuration both processes accept', () => {
  expect(isSandbox(example)).toBe(true)
  expect(() => checkConfig(example)).not.toThrow()
})

test('the example file has every variable that a process reads, and no others', () => {
  const read = [botConfigSchema, webConfigSchema].flatMap((schema) => Object.keys(schema.in.shape))
  expect(Object.keys(example).sort()).toEqual([...new Set(read)].sort())
})

test('in the sandbox the processes are told where the stand-ins are, and nothing of what was meant for live use', () => {
  const env = processEnv(
    { STRIPE_API_KEY: 'sk_live_real', ADMIN_GROUP_ID: '-100777' },
    PORTS,
    'postgresql://127.0.0.1/x',
  )
  expect(env).toMatchObject({
    TELEGRAM_API_ROOT: 'http://127.0.0.1:3011',
    STRIPE_API_BASE: 'http://127.0.0.1:3012',
    STRIPE_API_KEY: 'sk_test_sandbox',
    PUBLIC_URL: 'http://127.0.0.1:3000',
  })
})

test('live, the processes are told what was set, and the problems of both are listed together', () => {
  const env = processEnv({ BOT_TOKEN: '1:a', ADMIN_GROUP_ID: '5' }, PORTS, 'postgresql://127.0.0.1/x')
  expect(env.TELEGRAM_API_ROOT).toBeUndefined()
  const problems = () => checkConfig({ BOT_TOKEN: '1:a', ADMIN_GROUP_ID: '5' })
  expect(problems).toThrow(ConfigError)
  expect(problems).toThrow(/ADMIN_GROUP_ID[\s\S]*ADMIN_CHAT_ID[\s\S]*STRIPE_API_KEY[\s\S]*STRIPE_WEBHOOK_SECRET/)
})

test('the secret of the sessions is made once and kept', () => {
  const secret = () => processEnv({}, PORTS, 'postgresql://127.0.0.1/x').NEXTAUTH_SECRET
  expect(secret()).toMatch(/^.{32,}$/)
  expect(secret()).toBe(secret())
})

test('a port that was asked for and is busy is refused with the name of its variable', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? String(address.port) : ''
  await expect(choosePorts({ PORT: port })).rejects.toThrow(PortBusyError)
  await expect(choosePorts({ PORT: port })).rejects.toThrow(`Port ${port} is busy. Stop what uses it, or set PORT`)
  server.close()
})

test.each(['http', '70000', '-1'])('%s is refused as a port, not replaced by another', (port) => {
  expect(() => checkConfig({ PORT: port, BOT_HEALTH_PORT: port })).toThrow(
    /✗ BOT_HEALTH_PORT must be a port[\s\S]*✗ PORT must be a port/,
  )
})

test('no two services are given one port', async () => {
  const port = String(await freePort())
  const ports = Object.values(await choosePorts({}))
  expect(new Set(ports).size).toBe(ports.length)
  await expect(choosePorts({ PORT: port, BOT_HEALTH_PORT: port })).rejects.toThrow('BOT_HEALTH_PORT')
})

test('a configuration that holds all that is needed passes for both processes', () => {
  const env = processEnv(
    {
      BOT_TOKEN: '1:a',
      ADMIN_GROUP_ID: '-1001',
      ADMIN_CHAT_ID: '1',
      STRIPE_API_KEY: 'sk_test_1',
      STRIPE_WEBHOOK_SECRET: 'whsec_1',
      PUBLIC_URL: 'http://127.0.0.1:3000',
    },
    PORTS,
    'postgresql://127.0.0.1/x',
  )
  expect(parseConfig('bot', botConfigSchema, env).healthPort).toBe(3001)
  expect(parseConfig('web app', webConfigSchema, env).publicUrl).toBe('http://127.0.0.1:3000')
})
