import type { I18n } from '@grammyjs/i18n'
import type { Api } from 'grammy'
import type { BotCommand } from 'grammy/types'
import { MEMBER_COMMANDS, TOPIC_COMMANDS, USER_COMMANDS } from '#bot/commands.ts'
import { quickBuyCommands } from '#bot/payments/quick-buy-commands.ts'
import { classifyTelegramError, type TelegramFailureKind } from '#bot/telegram/errors.ts'
import type { Db } from '#core/db.ts'
import type { RailChoice } from '#core/settings/settings.ts'
import { listMemberIds } from '#core/team/list-member-ids.ts'

/** Tells Telegram which commands to suggest to users, to each team member, and in the team's group. */
export async function registerCommands(
  api: Api,
  { db, i18n, adminGroupId, rails }: { db: Db; i18n: I18n; adminGroupId: number; rails: RailChoice },
): Promise<void> {
  const translate = (key: string, args?: Record<string, string | number>) => i18n.t('en', key, args)
  const describe = (command: string): BotCommand => ({ command, description: translate(`command-${command}`) })
  const always = Object.values(USER_COMMANDS).flat().map(describe)
  const forUsers = [...always, ...(await quickBuyCommands(db, translate, rails))]
  const forMembers = [...MEMBER_COMMANDS.map(describe), ...forUsers]
  await api.setMyCommands(forUsers, { scope: { type: 'all_private_chats' } })
  await suggestTo(api, adminGroupId, TOPIC_COMMANDS.map(describe))
  for (const id of await listMemberIds(db)) await suggestTo(api, Number(id), forMembers)
}

const away = new Set<TelegramFailureKind | undefined>(['chat-gone', 'blocked', 'deactivated'])

async function suggestTo(api: Api, chatId: number, commands: BotCommand[]): Promise<void> {
  try {
    await api.setMyCommands(commands, { scope: { type: 'chat', chat_id: chatId } })
  } catch (error) {
    // A member who never opened the bot has no chat with it yet, and a group may be written down wrong; the others have
    // theirs. The next start tries again.
    if (!away.has(classifyTelegramError(error)?.kind)) throw error
  }
}
