import type { ConversationFlavor } from '@grammyjs/conversations'
import type { I18nFlavor } from '@grammyjs/i18n'
import type { Context } from 'grammy'
import type { Update } from 'grammy/types'
import type { Logger } from 'pino'
import type { BotConfig } from '#bot/config.ts'
import type { Hold } from '#bot/ingest/work.ts'
import type { AcceptOutcome, IncomingMessage } from '#core/conversations/accept-messages.ts'
import type { Database } from '#core/db.ts'
import type { PaymentRail } from '#core/rails/payment-rail.ts'
import type { StarsRail } from '#core/rails/stars/stars-rail.ts'
import type { SettingsCache } from '#core/settings/settings-cache.ts'

/** What every handler can use; `bot.ts` puts it on each context. */
export interface BotServices {
  config: BotConfig
  database: Database
  settings: SettingsCache
  /** Where money is taken in the shop's currency. */
  rail: PaymentRail
  starsRail: StarsRail
  log: Logger
  now: () => Date
  /** Accepts a user's message: charges it and owes the relay, in one batch with its neighbours. */
  accept: (message: IncomingMessage) => Promise<AcceptOutcome>
  /** Goes on in the group's new place. */
  followGroup: (toChatId: number) => void
  /** Something about a user changed that the sending of messages has looked up. */
  forgetPerson: (userId: string) => void
}

/** What one turn of a lane works on. */
export interface Work {
  /** This update and, for an album, its other parts in their order. */
  readonly updates: Update[]
  /** What became of a user's message; undefined for everything that cannot be relayed. */
  outcome?: AcceptOutcome
  /** Stops the clock of the deadline; see ingest. */
  hold?: Hold
}

/** The context inside dialogs, which cannot start further dialogs. */
export type DialogContext = Context & I18nFlavor & { services: BotServices; work: Work }

export type BotContext = ConversationFlavor<DialogContext>
