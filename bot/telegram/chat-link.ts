import type { BotContext } from '#bot/context.ts'

/** A link that opens the bot's chat and says there what it is for: `/start <purpose>`. */
export function chatLink({ me, services }: Pick<BotContext, 'me' | 'services'>, purpose: string): string {
  return `${services.config.telegramLinkRoot}/${me.username}?start=${purpose}`
}
