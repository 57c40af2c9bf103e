/**
 * Holds one PostgreSQL server and never outlives its owner.
 *
 * The owner keeps our standard input open. When that pipe closes, for whatever reason (clean stop, crash, kill -9),
 * the server is asked for a fast shutdown. The guard runs in its own process group, so a Ctrl-C in the terminal
 * reaches the owner alone and the database can be the last thing to go.
 *
 * Usage: node postgres-guard.mjs <json: { command, args, logFile, pidFile, removeDir?, uid?, gid? }>
 */
import { spawn } from 'node:child_process'
import { openSync, rmSync, writeFileSync } from 'node:fs'

const QUIT_AFTER_MS = 15_000

const { command, args, logFile, pidFile, removeDir, uid, gid } = JSON.parse(process.argv[2] ?? '{}')
const log = openSync(logFile, 'a')
const server = spawn(command, args, {
  stdio: ['ignore', log, log],
  env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
  ...(uid === undefined ? {} : { uid, gid }),
})
writeFileSync(pidFile, String(process.pid))

let stopping = false
function stop() {
  if (stopping) return
  stopping = true
  server.kill('SIGINT')
  setTimeout(() => server.kill('SIGQUIT'), QUIT_AFTER_MS).unref()
}

function leave(code) {
  rmSync(pidFile, { force: true })
  if (removeDir) {
    process.chdir('/')
    rmSync(removeDir, { recursive: true, force: true })
  }
  process.exit(code)
}

server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  leave(1)
})
server.on('exit', (code) => leave(stopping ? 0 : (code ?? 1)))
process.stdin.on('error', stop).on('end', stop).on('close', stop).resume()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
