import type { I18n } from '@grammyjs/i18n'
import type { InlineKeyboardMarkup } from 'grammy/types'
import type { Logger } from 'pino'
import type { Telegram } from '#bot/telegram/api.ts'
import type { HeaderWords } from '#bot/telegram/header.ts'
import type { OutboxContext } from '#bot/workers/outbox/context.ts'
import { createOutboxFacts } from '#bot/workers/outbox/facts.ts'
import { raiseAlert } from '#core/alerts/raise-alert.ts'
import { messageKinds } from '#core/conversations/message-kind.ts'
import type { Database } from '#core/db.ts'
import { quietenUser } from '#core/outbox/quieten-user.ts'
import type { SettingsCache } from '#core/settings/settings-cache.ts'
import { markBlocked } from '#core/users/mark-blocked.ts'

/** What the outbox is made of. */
export interface OutboxDeps {
  database: Pick<Database, 'prisma' | 'pool'>
  telegram: Telegram
  i18n: I18n
  settings: SettingsCache
  log: Logger
  /** The team's group; where it goes when Telegram gives it a new id is written here. */
  group: { id: number }
  teamLocale?: string
  /** The buttons under notices that invite to buy; undefined for none. */
  buyKeyboard: (locale: string) => Promise<InlineKeyboardMarkup | undefined>
  now?: () => Date
}

/** Puts the senders' context together. `settle` waits for what was left to be done afterwards. */
export function createOutboxContext(deps: OutboxDeps): { context: OutboxContext; settle: () => Promise<void> } {
  const { database, telegram, i18n, settings, log, buyKeyboard, group } = deps
  const { prisma, pool: sql } = database
  const { teamLocale = 'en', now = () => new Date() } = deps
  const facts = createOutboxFacts(sql)
  const afterwards = createAfterwards(log)
  const context: OutboxContext = {
    sql,
    pool: database.pool,
    prisma,
    apis: telegram.apis,
    facts,
    i18n,
    settings: () => settings.current,
    log,
    group,
    teamLocale,
    words: headerWords(i18n, teamLocale),
    now,
    buyKeyboard,
    async listOwnerIds() {
      const owners = await prisma.teamMember.findMany({
        where: { role: 'owner', disabledAt: null },
        select: { id: true },
        orderBy: { id: 'asc' },
      })
      return owners.map(({ id }) => Number(id))
    },
    async markUnreachable(userId) {
      await markBlocked(prisma, { userId: BigInt(userId), blocked: true, now: now() })
      await quietenUser(sql, { userId })
      facts.forgetPerson(userId)
    },
    afterwards: (what, run) => afterwards.run(what, run),
    alert: (trouble) => afterwards.run('raise an alert', () => raiseAlert(prisma, trouble)),
  }
  return { context, settle: () => afterwards.settle() }
}

/** Things that nobody waits for, until the end. */
function createAfterwards(log: Logger) {
  const open = new Set<Promise<void>>()
  return {
    run(what: string, task: () => Promise<unknown>) {
      const running: Promise<void> = task()
        .then(
          () => undefined,
          (error: unknown) => log.warn({ error }, `could not ${what}`),
        )
        .finally(() => open.delete(running))
      open.add(running)
    },
    async settle() {
      while (open.size > 0) await Promise.all(open)
    },
  }
}

function headerWords(i18n: I18n, locale: string): HeaderWords {
  const t = (key: string) => i18n.t(locale, key)
  const kinds = Object.fromEntries(messageKinds.map((kind) => [kind, t(`kind-${kind}`)])) as HeaderWords['kinds']
  return {
    kinds,
    tiers: { new: t('tier-new'), regular: t('tier-regular'), vip: t('tier-vip') },
    info: t('topic-info'),
    gift: t('topic-gift'),
    ban: t('topic-ban'),
  }
}
