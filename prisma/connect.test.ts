import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runOn } from '#testing/server.ts'
import { databaseUrl } from '../scripts/embedded-postgres.ts'
import { freePort } from '../scripts/ports.ts'
import { connectToFitDatabase, explainRefusal } from './connect.ts'

const adminUrl = process.env.TEST_ADMIN_URL ?? ''

let name: string
let url: string

beforeEach(() => {
  name = `paydesk_connect_${randomBytes(6).toString('hex')}`
  url = databaseUrl(adminUrl, name)
})

afterEach(() => runOn(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))

test('a database that its user owns is fit', async () => {
  await runOn(adminUrl, `CREATE DATABASE ${name}`)
  const client = await connectToFitDatabase(url)
  expect((await client.query('SELECT 1')).rowCount).toBe(1)
  await client.end()
})

test('an address where nobody answers is named, without the password', async () => {
  const port = await freePort()
  const attempt = connectToFitDatabase(`postgresql://paydesk:top-secret@127.0.0.1:${port}/paydesk`)
  await expect(attempt).rejects.toThrow(`nobody answers at 127.0.0.1:${port} (ECONNREFUSED)`)
  await expect(attempt).rejects.not.toThrow('top-secret')
})

test('a name whose addresses all refuse has a reason, too', () => {
  const refusals = ['::1', '127.0.0.1'].map((host) =>
    Object.assign(new Error(`connect ECONNREFUSED ${host}:5432`), { code: 'ECONNREFUSED' }),
  )
  expect(explainRefusal(new AggregateError(refusals), 'localhost:5432')).toContain(
    'nobody answers at localhost:5432 (ECONNREFUSED)',
  )
})

test('a certificate that nobody vouches for comes with what to write', () => {
  const error = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  expect(explainRefusal(error, 'db:5432')).toMatch(/not trusted \(self-signed certificate\).*sslmode=no-verify/)
})

test('what the server itself says against a user or a name is repeated', async () => {
  await expect(connectToFitDatabase(url)).rejects.toThrow(`database "${name}" does not exist`)
})

test('a database of another encoding is refused before anything is written into it', async () => {
  await runOn(
    adminUrl,
    `CREATE DATABASE ${name} ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0`,
  )
  await expect(connectToFitDatabase(url)).rejects.toThrow('its encoding is SQL_ASCII')
})

test('a database that cannot be written to is refused', async () => {
  await runOn(adminUrl, `CREATE DATABASE ${name}`)
  await runOn(adminUrl, `ALTER DATABASE ${name} SET default_transaction_read_only = on`)
  await expect(connectToFitDatabase(url)).rejects.toThrow('it is read-only')
})

test('a user who may not create anything in the database is refused', async () => {
  await runOn(adminUrl, `CREATE DATABASE ${name}`)
  await runOn(adminUrl, `CREATE ROLE ${name} LOGIN`)
  try {
    const guest = new URL(url)
    guest.username = name
    await expect(connectToFitDatabase(guest.href)).rejects.toThrow('its user may not create tables')
  } finally {
    await runOn(adminUrl, `DROP ROLE ${name}`)
  }
})
