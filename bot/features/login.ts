import { Composer, InlineKeyboard, type NextFunction } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { createLoginToken } from '#core/team/create-login-token.ts'
import { rememberMemberName } from '#core/team/members.ts'

/** Lets a team member into the dashboard by a link that works once. */
export const login = new Composer<BotContext>()

type PersonContext = BotContext & { from: NonNullable<BotContext['from']> }

const privateChat = login.chatType('private')

privateChat.command('login', letIn)

/** The sign-in page leads here. */
privateChat
  .command('start')
  .filter((ctx) => ctx.match === 'login')
  .use(letIn)

async function letIn(ctx: PersonContext, next: NextFunction): Promise<void> {
  const { config, database, now } = ctx.services
  const { id, first_name: name, username = null } = ctx.from
  // Owners are configured by their number; this is where we learn their names.
  await rememberMemberName(database.prisma, { id: BigInt(id), name, username })
  const issued = await createLoginToken(database.prisma, { memberId: BigInt(ctx.from.id), now: now() })
  if (issued.status === 'not-a-member') return next()
  const url = `${config.publicUrl}/login?token=${issued.secret}`
  await ctx.reply(ctx.t('login-link'), {
    reply_markup: new InlineKeyboard().url(ctx.t('login-button'), url),
    link_preview_options: { is_disabled: true },
  })
}
