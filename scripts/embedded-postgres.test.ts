import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type EmbeddedPostgres, findRunningPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'

const within = { timeout: 15_000, interval: 50 }

let parent: string
let dir: string
/** A cluster that was made and stopped before. */
let old: string
let running: EmbeddedPostgres[]
let owners: ChildProcess[]

beforeAll(async () => {
  old = join(newFolder(), 'postgres')
  const server = await startEmbeddedPostgres({ dir: old, database: 'shop', auth: 'trust' })
  await server.stop()
})
afterAll(() => rmSync(dirname(old), { recursive: true, force: true }))

beforeEach(() => {
  parent = newFolder()
  dir = join(parent, 'postgres')
  running = []
  owners = []
})

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()))
  for (const owner of owners) owner.kill('SIGKILL')
  rmSync(parent, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-embedded-'))
  // Root's server runs as another account, which must be able to get here.
  chmodSync(folder, 0o755)
  return folder
}

/** Spares a test the seconds that it takes to make a cluster. */
function takeOldCluster(): void {
  execFileSync('cp', ['-Rp', old, dir])
}

async function start(auth: 'password' | 'trust' = 'trust'): Promise<EmbeddedPostgres> {
  const postgresFlags = ['shared_buffers=16MB', 'fsync=off']
  const server = await startEmbeddedPostgres({ dir, database: 'shop', auth, postgresFlags })
  running.push(server)
  return server
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** A process of its own that starts the server in `dir` and then only lives. */
function startOwner(): ChildProcess {
  const source = new URL('./embedded-postgres.ts', import.meta.url).href
  const program = `const { startEmbeddedPostgres } = await import('${source}')
    await startEmbeddedPostgres({ dir: ${JSON.stringify(dir)}, database: 'shop', auth: 'trust' })
    process.stdout.write('up')`
  const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  owners.push(owner)
  return owner
}

async function untilUp(owner: ChildProcess): Promise<void> {
  let text = ''
  owner.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await vi.waitFor(() => expect(text).toBe('up'), within)
}

test('what was written is there again after a stop and another start', async () => {
  const first = await start()
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer')
  await first.stop()
  const second = await start()
  expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
})

test('nobody gets in without the password', async () => {
  const server = await start('password')
  const guessed = server.url.replace(/:[0-9a-f]+@/, ':guess@')
  await expect(query(guessed, 'SELECT 1')).rejects.toThrow('password authentication failed')
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test.each([
  ['an odd name', 'my "shop", 100 %', null],
  ['a path too long for a socket', 'x'.repeat(100), '127.0.0.1'],
])('in a directory with %s it can be reached, too', async (_, name, clientAddress) => {
  dir = join(parent, name)
  const server = await start()
  expect(await findRunningPostgres(dir, 'shop')).toBe(server.url)
  expect(await query(server.url, 'SELECT host(inet_client_addr()) AS from')).toEqual([{ from: clientAddress }])
})

test('a running server can be found and joined, a stopped one cannot', async () => {
  takeOldCluster()
  const server = await start()
  expect(await findRunningPostgres(dir, 'shop')).toBe(server.url)
  await server.stop()
  expect(await findRunningPostgres(dir, 'shop')).toBeNull()
})

test('the server ends when its owner is killed, and the next start finds the data', async () => {
  takeOldCluster()
  const owner = startOwner()
  await untilUp(owner)
  const url = (await findRunningPostgres(dir, 'shop')) ?? ''
  await query(url, 'CREATE TABLE kept AS SELECT 1 AS one')
  owner.kill('SIGKILL')
  const server = await start()
  expect(await query(server.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }])
})

test('a server whose guard was killed too is cleared away by the next start', async () => {
  takeOldCluster()
  const owner = startOwner()
  await untilUp(owner)
  const guard = Number(readFileSync(join(dir, 'guard.pid'), 'utf8'))
  process.kill(guard, 'SIGKILL')
  owner.kill('SIGKILL')
  const server = await start()
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('after the server itself was killed, its stale lock stops nobody', async () => {
  takeOldCluster()
  const first = await start()
  const postmaster = Number(readFileSync(join(dir, 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
  process.kill(postmaster, 'SIGKILL')
  await first.exited
  const second = await start()
  expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('two owners of one cluster are refused', async () => {
  takeOldCluster()
  await start()
  await expect(start()).rejects.toThrow('Another start is using the database')
})

test('text is compared and folded by the rules of Unicode, whatever the machine is set to', async () => {
  takeOldCluster()
  const server = await start()
  expect(await query(server.url, `SELECT lower('ÄЖ') AS low`)).toEqual([{ low: 'äж' }])
})
