/** Baseline: charge and relay as one would write it first — select, update, insert, forward, one after the other. */
import { run, sequentialize } from '@grammyjs/runner'
import { Bot } from 'grammy'
import { openDatabase } from '#core/db.ts'
import { makePatient } from './patient.ts'

const { BOT_TOKEN = '', TELEGRAM_API_ROOT = '', ADMIN_GROUP_ID = '', DATABASE_URL = '' } = process.env
const { prisma } = openDatabase({ connectionString: DATABASE_URL }, (error) => console.error(error))
const bot = new Bot(BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } })
bot.use(sequentialize((ctx) => String(ctx.chat?.id)))
bot.chatType('private').on('message:text', async (ctx) => {
  const userId = BigInt(ctx.from.id)
  const account = await prisma.account.findUnique({ where: { userId } })
  if (!account || account.paid < 1) {
    await ctx.reply('Not enough credits')
    return
  }
  await prisma.account.update({ where: { userId }, data: { paid: { decrement: 1 } } })
  await prisma.message.create({
    data: {
      botId: BigInt(ctx.me.id),
      userId,
      direction: 'in',
      kind: 'text',
      text: ctx.msg.text,
      content: {},
      userMessageId: BigInt(ctx.msg.message_id),
      cost: 1,
    },
  })
  await ctx.forwardMessage(ADMIN_GROUP_ID)
})
makePatient(bot.api)
bot.catch(({ error }) => console.error(error))
await bot.init()
run(bot)
