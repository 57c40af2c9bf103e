/** Plain JavaScript, because the first to use it runs before anything is installed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const STOPPED_BY_SIGNAL = 130

/**
 * Ends a child that works for us when we end before it, by ourselves or by a signal. What nobody waits for any more
 * would stand in the way of the next start. To be told as soon as the child has ended: call what this returns.
 * @param {import('node:child_process').ChildProcess} child
 */
export function endWithUs(child) {
  const end = () => child.kill()
  const leave = () => process.exit(STOPPED_BY_SIGNAL)
  process.on('exit', end)
  for (const signal of SIGNALS) process.on(signal, leave)
  return () => {
    process.off('exit', end)
    for (const signal of SIGNALS) process.off(signal, leave)
  }
}
