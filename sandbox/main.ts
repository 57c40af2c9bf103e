import { loadConfig } from './config.ts'
import { startSandbox } from './phone/start-sandbox.ts'

const PARENT_CHECK_MS = 1_000

const config = loadConfig()
const sandbox = await startSandbox(config)
console.log(
  `Sandbox: phone page ${sandbox.phone.url}, Telegram ${sandbox.telegram.url}, Stripe ${sandbox.stripe.url}. Nothing here is real.`,
)

let stopping = false
function stop(): void {
  if (stopping) return
  stopping = true
  sandbox.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
}

process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('disconnect', stop)
// A parent that was killed can tell nobody; its children are adopted by another process then.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) stop()
}, PARENT_CHECK_MS).unref()
