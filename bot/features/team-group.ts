import type { BotContext } from '#bot/context.ts'

/** Whether something happens in the group of the team. */
export function isTeamGroup(ctx: BotContext): boolean {
  return ctx.chat?.id === ctx.services.config.adminGroupId
}
