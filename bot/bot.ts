import { conversations, createConversation } from '@grammyjs/conversations'
import type { I18n } from '@grammyjs/i18n'
import { Bot, type Middleware } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import type { BotContext, BotServices, DialogContext, Work } from '#bot/context.ts'
import { contentDialog, contentMediaDialog } from '#bot/dialogs/content-dialog.ts'
import { declineDialog } from '#bot/dialogs/decline-dialog.ts'
import { dialogStorage } from '#bot/dialogs/dialog-storage.ts'
import { giftDialog } from '#bot/dialogs/gift-dialog.ts'
import { noteDialog } from '#bot/dialogs/note-dialog.ts'
import { answer } from '#bot/features/answer.ts'
import { autorecharge } from '#bot/features/autorecharge.ts'
import { balance } from '#bot/features/balance.ts'
import { billing } from '#bot/features/billing.ts'
import { buy } from '#bot/features/buy.ts'
import { caseButtons } from '#bot/features/case-buttons.ts'
import { chatEvents } from '#bot/features/chat-events.ts'
import { contentMenu } from '#bot/features/content.ts'
import { deleteme } from '#bot/features/deleteme.ts'
import { fallback } from '#bot/features/fallback.ts'
import { history } from '#bot/features/history.ts'
import { invite } from '#bot/features/invite.ts'
import { kept } from '#bot/features/kept.ts'
import { lock } from '#bot/features/lock.ts'
import { login } from '#bot/features/login.ts'
import { mydata } from '#bot/features/mydata.ts'
import { paySupport } from '#bot/features/paysupport.ts'
import { privacy } from '#bot/features/privacy.ts'
import { promoCodes } from '#bot/features/promo-codes.ts'
import { purchases } from '#bot/features/purchases.ts'
import { redeem } from '#bot/features/redeem.ts'
import { relay } from '#bot/features/relay.ts'
import { stars } from '#bot/features/stars.ts'
import { starsSubscriptions } from '#bot/features/stars-subscriptions.ts'
import { start } from '#bot/features/start.ts'
import { subscription } from '#bot/features/subscription.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { topicButtons } from '#bot/features/topic-buttons.ts'
import { topicCommands } from '#bot/features/topic-commands.ts'
import { topicEvents } from '#bot/features/topic-events.ts'
import { unlock } from '#bot/features/unlock.ts'
import type { Telegram } from '#bot/telegram/api.ts'
import { forgiveLateAnswers } from '#bot/telegram/forgive-late-answers.ts'

export interface BotDeps {
  services: BotServices
  i18n: I18n
  /** The work that an update belongs to; an album arrives as its first update. */
  workOf: (ctx: DialogContext) => Work
  telegram: Telegram
  botInfo: UserFromGetMe
}

/** The whole bot: what everybody gets first, then one feature after the other, and what nobody wanted last. */
export function createBot({ services, i18n, workOf, telegram, botInfo }: BotDeps): Bot<BotContext> {
  const bot = new Bot<BotContext>(services.config.botToken, { client: telegram.client, botInfo })
  bot.api.config.use(...telegram.transformers, forgiveLateAnswers)

  const provide: Middleware<DialogContext> = (ctx, next) => {
    ctx.services = services
    ctx.work = workOf(ctx)
    const { hold } = ctx.work
    if (hold) {
      // Waiting for Telegram, and for room in a chat or group, is not the handler's own time.
      ctx.api.config.use(async (call, method, payload, signal) => {
        const goOn = hold()
        try {
          return await call(method, payload, signal)
        } finally {
          goOn()
        }
      })
    }
    return next()
  }
  // A payment is a message too, but nobody said it.
  bot.use(provide, i18n, stars, relay)
  bot.use(chatEvents, topicEvents)

  // Users never run dialogs: their messages must not pay for reading dialog state.
  const team = bot.filter(isTeamGroup)
  team.use(conversations({ storage: dialogStorage(services.database.prisma), plugins: [provide, i18n] }))
  team.use(createConversation(giftDialog, 'gift'), createConversation(noteDialog, 'note'))
  team.use(createConversation(declineDialog, 'decline'))
  team.use(createConversation(contentDialog, 'content'), createConversation(contentMediaDialog, 'content-media'))
  team.use(topicButtons, caseButtons, contentMenu, lock, promoCodes, topicCommands, answer)

  bot.use(autorecharge, billing, privacy, mydata, deleteme)
  bot.use(unlock, login, paySupport, start, balance, buy, subscription, purchases, kept, starsSubscriptions)
  bot.use(history, redeem, invite)
  bot.use(fallback)
  return bot
}
