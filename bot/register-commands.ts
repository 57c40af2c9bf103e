import type { I18n } from '@grammyjs/i18n'
import type { Api } from 'grammy'
import type { BotCommand } from 'grammy/types'
import { quickBuyCommands } from '#bot/payments/quick-buy-commands.ts'
import type { Db } from '#core/db.ts'

const USER_COMMANDS = ['start', 'buy', 'balance', 'help']
const TOPIC_COMMANDS = ['note']

/** Tells Telegram which commands to suggest to users, and which in the team's group. */
export async function registerCommands(
  api: Api,
  { db, i18n, adminGroupId }: { db: Db; i18n: I18n; adminGroupId: number },
): Promise<void> {
  const translate = (key: string, args?: Record<string, string | number>) => i18n.t('en', key, args)
  const describe = (command: string): BotCommand => ({ command, description: translate(`command-${command}`) })
  const quickBuy = await quickBuyCommands(db, translate)
  await api.setMyCommands([...USER_COMMANDS.map(describe), ...quickBuy], { scope: { type: 'all_private_chats' } })
  await api.setMyCommands(TOPIC_COMMANDS.map(describe), { scope: { type: 'chat', chat_id: adminGroupId } })
}
