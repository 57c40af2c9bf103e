/**
 * Loaded before a supervised program: when the supervisor dies without having said goodbye, our standard input, a
 * pipe it holds, closes. Then this process asks itself to stop as usual, and leaves for good if that takes too long.
 */
const GRACE_MS = 20_000

process.stdin.on('error', leave).on('end', leave).on('close', leave).resume()
process.stdin.unref?.()

let leaving = false
function leave() {
  if (leaving) return
  leaving = true
  setTimeout(() => process.exit(1), GRACE_MS).unref()
  if (process.listenerCount('SIGTERM') > 0 && process.platform !== 'win32') process.kill(process.pid, 'SIGTERM')
  else process.exit(0)
}

// Registered before anybody else's: the logger flushes at exit, and tries for ever when nobody reads it any more.
process.on('exit', () => {
  if (leaving) process.kill(process.pid, 'SIGKILL')
})
