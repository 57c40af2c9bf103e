import { Api } from 'grammy'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { fetchBotInfo } from '#bot/fetch-bot-info.ts'
import { startTelegram } from '#sandbox/telegram/server.ts'

test('a token that Telegram refuses is not tried again; the operator is told what to do', async () => {
  const telegram = await startTelegram({ token: '4242:test', limits: 'off' })
  onTestFinished(() => telegram.close())
  const api = new Api('4242:wrong', { apiRoot: telegram.url })
  await expect(fetchBotInfo(api, pino({ level: 'silent' }))).rejects.toThrow('Copy it again from @BotFather')
})
