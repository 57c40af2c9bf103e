/** Baseline: what the libraries do out of the box. Stores nothing, charges nothing, forwards every message. */
import { run } from '@grammyjs/runner'
import { Bot } from 'grammy'
import { makePatient } from './patient.ts'

const { BOT_TOKEN = '', TELEGRAM_API_ROOT = '', ADMIN_GROUP_ID = '' } = process.env
const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } })
bot.chatType('private').on('message', (ctx) => ctx.forwardMessage(ADMIN_GROUP_ID))
makePatient(bot.api)
bot.catch(({ error }) => console.error(error))
await bot.init()
run(bot)
