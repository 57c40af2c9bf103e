import { loadConfig } from '#bot/config.ts'
import { createLog } from '#bot/log.ts'
import { startBot } from '#bot/start-bot.ts'

const config = loadConfig()
const log = createLog(config.logLevel)
const bot = await startBot(config, log).catch((error: unknown) => {
  log.fatal({ error }, 'the bot cannot start')
  process.exit(1)
})

let isStopping = false
async function end(why: string): Promise<void> {
  if (isStopping) return
  isStopping = true
  log.info({ why }, 'stopping')
  await bot.stop()
  log.info('stopped')
  process.exit()
}
process.once('SIGTERM', () => void end('SIGTERM'))
process.once('SIGINT', () => void end('SIGINT'))
