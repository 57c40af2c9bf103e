/** What must be true before any TypeScript of ours can run. Plain JavaScript, because nothing is installed yet. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endWithUs } from './end-with-us.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LOCK = join(ROOT, 'package-lock.json')
const INSTALLED = join(ROOT, 'node_modules', '.package-lock.json')
const REMEMBERED = join(ROOT, 'node_modules', '.paydesk-installed')
const STILL_BUSY_EVERY_MS = 15_000

/** Leaves with a clear sentence when this Node.js is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  process.stderr.write(
    `Paydesk needs Node.js 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org\n`,
  )
  process.exit(1)
}

/** Installs the packages of the lockfile unless exactly those are there. No package may run scripts of its own. */
export async function ensureInstalled() {
  const wanted = fingerprint()
  if (existsSync(REMEMBERED) && readFileSync(REMEMBERED, 'utf8') === wanted) return
  if (!matchesLock()) {
    await install()
  }
  writeFileSync(REMEMBERED, wanted)
}

function fingerprint() {
  const file = existsSync(LOCK) ? LOCK : join(ROOT, 'package.json')
  const content = createHash('sha256').update(readFileSync(file)).digest('hex')
  return `${content} ${process.platform}-${process.arch}`
}

/** Whether somebody has run npm already: every package of the lock is there in its version, optional ones aside. */
function matchesLock() {
  if (!existsSync(LOCK) || !existsSync(INSTALLED)) return false
  const wanted = JSON.parse(readFileSync(LOCK, 'utf8')).packages
  const present = JSON.parse(readFileSync(INSTALLED, 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = present[path]
    return found ? found.version === entry.version : entry.optional === true || entry.peer === true
  })
}

async function install() {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  say('packages', 'installing…')
  const ticker = setInterval(() => say('packages', `still installing (${seconds()} s)…`), STILL_BUSY_EVERY_MS)
  const verb = existsSync(LOCK) ? 'ci' : 'install'
  const args = [verb, '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']
  const { code, output } = await npm(args)
  clearInterval(ticker)
  if (code !== 0) {
    process.stderr.write(`${output}\nnpm ${verb} failed. Mend what it says above and start again.\n`)
    process.exit(1)
  }
  say('packages', `installed in ${seconds()} s`)
}

/** @param {string[]} args */
function npm(args) {
  // npm tells its scripts where it is; started by hand, it is on the PATH (on Windows as a command file).
  const path = process.env.npm_execpath
  const child = path?.endsWith('.js')
    ? spawn(process.execPath, [path, ...args], { cwd: ROOT })
    : spawn('npm', args, { cwd: ROOT, shell: process.platform === 'win32' })
  const letGo = endWithUs(child)
  let output = ''
  const keep = (chunk) => {
    output += chunk
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return new Promise((settle) => {
    child.on('error', (error) => settle({ code: 1, output: error.message }))
    child.on('close', (code) => settle({ code, output }))
  }).finally(letGo)
}

function say(subject, text) {
  process.stdout.write(`  ${subject.padEnd(11)}${text}\n`)
}
