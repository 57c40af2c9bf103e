/**
 * `npm run prove:docker`: tries the Docker files without an engine. Each stage is a clean folder; its COPY and RUN lines are
 * carried out there, with the files that .dockerignore lets through and with next to no environment. Then the results
 * run as the images would: the migration on a fresh PostgreSQL, the bot and the web app as far as they get alone.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parse } from 'yaml'
import { type Instruction, isIgnored, parseDockerfile } from './dockerfile.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { freePort } from './ports.ts'
import { ROOT } from './project.ts'

const ENV = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? tmpdir(), CI: '1' }
const CONFIG = {
  BOT_TOKEN: '1:proof',
  ADMIN_GROUP_ID: '-1',
  ADMIN_CHAT_ID: '1',
  STRIPE_API_KEY: 'sk_test_proof',
  STRIPE_WEBHOOK_SECRET: 'whsec_proof',
  PUBLIC_URL: 'http://127.0.0.1:3000',
  NEXTAUTH_URL: 'http://127.0.0.1:3000',
  NEXTAUTH_SECRET: '0123456789abcdef0123456789abcdef',
}

const work = mkdtempSync(join(tmpdir(), 'paydesk-docker-'))
try {
  proveCompose()
  const bot = carryOut('Dockerfile.bot')
  const web = carryOut('Dockerfile.web')
  await proveRunning(bot, web)
  console.log('The Docker files do what they say.')
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** Builds all stages and returns the folder of the last one. */
function carryOut(file: string): string {
  const stages = new Map<string, string>()
  let last = ''
  for (const [index, stage] of parseDockerfile(readFileSync(join(ROOT, file), 'utf8')).entries()) {
    last = join(work, `${file}.${stage.name ?? index}`)
    mkdirSync(last)
    stages.set(stage.name ?? String(index), last)
    for (const instruction of stage.instructions) carryOutOne(instruction, last, stages)
  }
  const size = execFileSync('du', ['-sm', last], { encoding: 'utf8' }).split('\t')[0]
  console.log(`${file}: built, ${size} MB beside Node`)
  return last
}

function carryOutOne({ keyword, value }: Instruction, stage: string, stages: Map<string, string>): void {
  if (keyword === 'RUN') {
    console.log(`  RUN ${value}`)
    execFileSync('sh', ['-c', value], { cwd: stage, env: ENV, stdio: ['ignore', 'ignore', 'inherit'] })
  }
  if (keyword !== 'COPY') return
  const words = value.split(' ')
  const from = words[0]?.startsWith('--from=') ? stages.get(words.shift()?.slice('--from='.length) ?? '') : undefined
  const target = join(stage, words.pop() ?? '')
  for (const source of words) {
    if (from) cpSync(join(from, source.replace(/^\/app\//, '')), target, { recursive: true, verbatimSymlinks: true })
    else copyContext(source, target)
  }
}

function copyContext(source: string, target: string): void {
  if (source !== '.') {
    cpSync(join(ROOT, source), join(target, basename(source)))
    return
  }
  const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  for (const file of listed.split('\n')) {
    if (!file || !existsSync(join(ROOT, file)) || isIgnored(file, ignore)) continue
    mkdirSync(join(target, dirname(file)), { recursive: true })
    cpSync(join(ROOT, file), join(target, file))
  }
}

async function proveRunning(bot: string, web: string): Promise<void> {
  const postgres = await startEmbeddedPostgres({ dir: join(work, 'postgres'), database: 'paydesk', auth: 'trust' })
  const env = { ...ENV, ...CONFIG, NODE_ENV: 'production', DATABASE_URL: postgres.url }
  try {
    const migrated = execFileSync(process.execPath, ['migrate/main.mjs', 'migrations'], {
      cwd: bot,
      env,
      encoding: 'utf8',
    })
    expect(migrated.includes('Applied'), `the migration step said: ${migrated}`)
    expect(failureOf(['bot/main.mjs'], bot).includes('BOT_TOKEN is missing'), 'the bot names what is missing')
    const port = await freePort()
    const server = spawn(process.execPath, ['web/server.js'], {
      cwd: web,
      env: { ...env, PORT: String(port), HOSTNAME: '127.0.0.1' },
      stdio: 'inherit',
    })
    const status = await statusOf(`http://127.0.0.1:${port}/login`)
    server.kill('SIGTERM')
    await once(server, 'exit')
    expect(status === 200, `the web app answered ${status}`)
  } finally {
    await postgres.stop()
  }
}

function failureOf(args: string[], cwd: string): string {
  try {
    execFileSync(process.execPath, args, { cwd, env: ENV, stdio: 'pipe', encoding: 'utf8' })
    return ''
  } catch (error) {
    return (error as { stderr?: string }).stderr ?? ''
  }
}

async function statusOf(url: string): Promise<number | null> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    const response = await fetch(url).catch(() => null)
    if (response) return response.status
    await delay(100)
  }
  return null
}

interface Compose {
  services: Record<string, { build?: { dockerfile: string }; depends_on?: Record<string, unknown>; volumes?: string[] }>
  volumes: Record<string, unknown>
}

/** No Compose here either: the file is read as YAML, and what it refers to must exist. */
function proveCompose(): void {
  const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose
  const names = Object.keys(compose.services)
  expect(names.join() === 'postgres,migrate,bot,web', `the services are ${names.join()}`)
  for (const [name, service] of Object.entries(compose.services)) {
    const { build, depends_on: needs = {}, volumes = [] } = service
    if (build) expect(statSync(join(ROOT, build.dockerfile)).isFile(), `${name} is built from ${build.dockerfile}`)
    for (const needed of Object.keys(needs)) expect(names.includes(needed), `${name} waits for ${needed}`)
    for (const volume of volumes) expect((volume.split(':')[0] ?? '') in compose.volumes, `${volume} is declared`)
  }
  console.log('docker-compose.yml: reads well')
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Not so: ${what}`)
}
