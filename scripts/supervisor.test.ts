import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isAlive } from '#testing/process.ts'
import { freePort } from './ports.ts'
import { type Service, type ServiceSpec, superviseService } from './supervisor.ts'

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url))
const within = { timeout: 10_000, interval: 20 }

let dir: string
let said: string[]
let services: Service[]
let children: ChildProcess[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'paydesk-supervisor-'))
  said = []
  services = []
  children = []
})

afterEach(async () => {
  await Promise.all(services.map((service) => service.stop()))
  for (const child of children) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

async function supervise(env: Record<string, string> = {}, changes: Partial<ServiceSpec> = {}): Promise<Service> {
  const port = await freePort()
  const spec: ServiceSpec = {
    name: 'fixture',
    entry: join(FIXTURES, 'service.mjs'),
    env: { PATH: process.env.PATH, PORT: String(port), ...env },
    healthUrl: `http://127.0.0.1:${port}/health`,
    logPath: join(dir, 'fixture.log'),
    graceMs: 500,
    ...changes,
  }
  const service = superviseService(spec, (subject, text) => said.push(`${subject} ${text}`))
  services.push(service)
  return service
}

test('a service that is killed comes back, and it is said', async () => {
  const service = await supervise()
  await service.ready
  const first = service.pid()
  process.kill(first ?? 0, 'SIGKILL')
  await vi.waitFor(() => expect(said).toContain('fixture is back'), within)
  expect(service.pid()).not.toBe(first)
  expect(said[0]).toBe('fixture ended (SIGKILL); starting it again in 0.5 s')
})

test('a service that ends without an error is started again at once', async () => {
  const port = await freePort()
  const service = await supervise({ PORT: String(port) }, { healthUrl: `http://127.0.0.1:${port}/health` })
  await service.ready
  const first = service.pid()
  await fetch(`http://127.0.0.1:${port}/restart`).catch(() => undefined)
  await vi.waitFor(() => expect(said).toContain('fixture is back'), within)
  expect(said[0]).toBe('fixture ended (code 0); starting it again')
  expect(service.pid()).not.toBe(first)
})

test('a service that never starts is given up with its last words, which its log file keeps', async () => {
  const service = await supervise({ CRASH_AT_START: '1' })
  await expect(service.ready).rejects.toThrow(/does not start[\s\S]*the configuration is wrong/)
  expect(readFileSync(join(dir, 'fixture.log'), 'utf8')).toContain('the configuration is wrong')
})

test('the reason why a service ends is said in words, not only kept in its log', async () => {
  const service = await supervise({ CRASH_AT_START: '1' })
  await expect(service.ready).rejects.toThrow(/\n {4}ERROR the fixture cannot start: nobody answers\n/)
  expect(said).toContain('fixture ERROR the fixture cannot start: nobody answers')
})

test('a stopped service is gone and stays away', async () => {
  const service = await supervise()
  await service.ready
  const pid = service.pid()
  await service.stop()
  expect(isAlive(pid)).toBe(false)
  expect(said).toEqual([])
})

test('a service that will not leave is killed when its time is up', async () => {
  const service = await supervise({ STUBBORN: '1' })
  await service.ready
  const pid = service.pid()
  await service.stop()
  expect(isAlive(pid)).toBe(false)
})

interface Runner {
  process: ChildProcess
  output(): string
  pids(): number[]
}

async function startRunner(env: Record<string, string> = {}): Promise<Runner> {
  const ports = [await freePort(), await freePort()].map(String)
  const child = spawn(process.execPath, ['--import', 'tsx', join(FIXTURES, 'runner.ts'), ...ports, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  children.push(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await vi.waitFor(() => expect(output).toContain('all ready'), within)
  const pids = () => ['first', 'second'].map((name) => Number(readFileSync(join(dir, `${name}.pid`), 'utf8')))
  return { process: child, output: () => output, pids }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'on %s everything stops in order and nothing is left behind',
  async (signal) => {
    const runner = await startRunner()
    const pids = runner.pids()
    expect(pids.map(isAlive)).toEqual([true, true])
    runner.process.kill(signal)
    const [code] = (await once(runner.process, 'exit')) as [number | null]
    expect(code).toBe(0)
    expect(pids.map(isAlive)).toEqual([false, false])
    expect(runner.output()).toMatch(/closed\n$/)
  },
)

test('when the terminal is closed everything still stops in order, though nobody hears of it', async () => {
  const runner = await startRunner()
  const pids = runner.pids()
  runner.process.stdout?.destroy()
  runner.process.kill('SIGHUP')
  const [code] = (await once(runner.process, 'exit')) as [number | null]
  expect(code).toBe(0)
  expect(pids.map(isAlive)).toEqual([false, false])
})

test.each([
  ['', {}],
  [' even if they hang at their exit', { WEDGED: '1' }],
])('when the launcher itself is killed hard, its services notice and leave%s', async (_, env) => {
  const runner = await startRunner(env)
  const pids = runner.pids()
  runner.process.kill('SIGKILL')
  await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), within)
})
