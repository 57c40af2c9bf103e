/** The outside world of a benchmark, in a process of its own: answers as fast as it can and remembers little. */
import { startTelegram } from '#sandbox/telegram/server.ts'

const { BOT_TOKEN = '' } = process.env
const telegram = await startTelegram({ token: BOT_TOKEN, limits: 'off' })
process.send?.(telegram.url)
process.once('disconnect', () => process.exit())
