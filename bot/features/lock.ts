import { Composer } from 'grammy'
import type { Message } from 'grammy/types'
import type { BotContext } from '#bot/context.ts'
import { actorFor } from '#bot/features/actor.ts'
import { isTeamGroup } from '#bot/features/team-group.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { escapeHtml } from '#bot/telegram/escape-html.ts'
import type { Actor } from '#core/audit/record-audit.ts'
import { MAX_TITLE_LENGTH } from '#core/content/add-content.ts'
import { type ContentMedia, contentMediaOf } from '#core/content/content-part.ts'
import { findContent } from '#core/content/find-content.ts'
import { findTopicAlbum, lockMedia } from '#core/content/lock-media.ts'
import { offerContent } from '#core/content/offer-content.ts'
import { type ContentPrice, LEAST_MINOR, parsePrice } from '#core/content/parse-price.ts'
import { findConversationByTopic } from '#core/conversations/find-conversation.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { shortText } from '#core/storable-text.ts'
import { findUser } from '#core/users/find-user.ts'

const LOCK = /^\/lock(?:@\w+)?(?:\s+([\s\S]*))?$/
const KNOWN_CONTENT = /^#?c(\d{1,9})$/i

/** Sends a user media locked: the team's own for a price, or what is on sale already. In the user's topic. */
export const lock = new Composer<BotContext>()

lock
  .chatType('supergroup')
  .filter(isTeamGroup)
  .on('message:is_topic_message')
  .filter((ctx) => commandOf(ctx) !== null)
  .use(async (ctx) => {
    const command = commandOf(ctx) ?? ''
    const asked = await readAsk(ctx)
    if (!asked) return
    const known = KNOWN_CONTENT.exec(command)
    if (known) return offerKnown(ctx, asked, Number(known[1]))
    const { currency } = ctx.services.config
    const parsed = parsePrice(command, { currency })
    switch (parsed.status) {
      case 'price':
        return lockOwn(ctx, asked, parsed)
      case 'wrong_currency':
        return tell(ctx, 'content-wrong-currency', { currency: currency.toUpperCase() })
      case 'out_of_bounds':
        return tell(ctx, 'content-price-bounds', { least: leastPriceIn(currency) })
      case 'unreadable':
        return tell(ctx, 'lock-usage', { example: exampleOf(currency) })
    }
  })

/** What stands behind /lock in a message or in any caption of an album; null when it is none. */
function commandOf(ctx: BotContext): string | null {
  for (const { message } of ctx.work.updates) {
    const match = LOCK.exec(message?.text ?? message?.caption ?? '')
    if (match) return match[1]?.trim() ?? ''
  }
  return null
}

interface Ask {
  message: Message
  actor: Actor
  userId: bigint
}

/** Who asks, and in whose topic; null when that was answered already because one of them may or does not exist. */
async function readAsk(ctx: BotContext): Promise<Ask | null> {
  const { msg: message } = ctx
  const { prisma } = ctx.services.database
  const actor = await actorFor(ctx, 'admin')
  if (!message || !actor) {
    await tell(ctx, 'team-not-allowed')
    return null
  }
  const conversation = await findConversationByTopic(prisma, {
    chatId: BigInt(message.chat.id),
    threadId: BigInt(message.message_thread_id ?? 0),
  })
  const user = conversation && (await findUser(prisma, { userId: conversation.userId }))
  if (!user || user.blockedAt) {
    await tell(ctx, user ? 'lock-blocked' : 'answer-no-conversation')
    return null
  }
  return { message, actor, userId: user.id }
}

interface Chosen {
  media: ContentMedia[]
  /** The messages in the topic that show it openly. */
  openIds: bigint[]
}

async function lockOwn(
  ctx: BotContext,
  ask: Ask,
  { price, rest }: { price: ContentPrice; rest: string },
): Promise<void> {
  const chosen = await chooseMedia(ctx, ask)
  if (typeof chosen === 'string') return tell(ctx, chosen, { example: exampleOf(ctx.services.config.currency) })
  const [first] = chosen.media
  const { config, database, now } = ctx.services
  const { message, actor, userId } = ask
  const title = shortText(titleFrom(ctx, rest, first), MAX_TITLE_LENGTH)
  const { content, shown } = await lockMedia(database.prisma, {
    userId,
    content: {
      title,
      description: null,
      price,
      currency: config.currency,
      media: chosen.media,
      previewFileId: null,
      ref: `lock:${message.chat.id}:${message.message_id}`,
      actor,
    },
    openIds: chosen.openIds,
    text: `🔒 ${title} · ${priceText(ctx, price)}`,
    asked: askedBy(ctx, message),
    author: actor,
    now: now(),
  })
  const isHidden = await hide(ctx, userId, shown)
  const text = shown.length === 0 ? 'lock-done' : isHidden ? 'lock-done-taken-back' : 'lock-done-still-shown'
  await tell(ctx, text, { title, price: priceText(ctx, price), id: String(content.id) })
}

/** What was given with the price, else what the caption begins with, else what it is. */
function titleFrom(ctx: BotContext, rest: string, first: ContentMedia | undefined): string {
  const caption = first?.caption && !LOCK.test(first.caption) ? first.caption : ''
  const [line] = (rest || caption).split('\n')
  return line || ctx.t(`kind-${first?.kind ?? 'document'}`)
}

/** The media of the message itself, else of the one it replies to; a text key when there is none to lock. */
async function chooseMedia(ctx: BotContext, { message, userId }: Ask): Promise<Chosen | string> {
  const own = ctx.work.updates.flatMap((update) => (update.message && contentMediaOf(update.message)) ?? [])
  // The command is no caption for the buyer.
  if (own.length > 0) return { media: own.map(withoutCommand), openIds: [] }
  const replied = message.reply_to_message
  const media = replied && contentMediaOf(replied)
  if (!replied || !media) return 'lock-usage'
  if (replied.from?.id === ctx.me.id) return 'lock-not-ours'
  const albumId = replied.media_group_id
  if (albumId === undefined) return { media: [media], openIds: [BigInt(replied.message_id)] }
  const topicChatId = BigInt(message.chat.id)
  const parts = await findTopicAlbum(ctx.services.database.prisma, { topicChatId, userId, albumId })
  if (parts.length < 2) return 'lock-album-unknown'
  return {
    media: parts.flatMap(({ content }) => contentMediaOf(content) ?? []),
    openIds: parts.map(({ messageId }) => messageId),
  }
}

function withoutCommand(media: ContentMedia): ContentMedia {
  return media.caption && LOCK.test(media.caption) ? { ...media, caption: null, captionEntities: null } : media
}

/** Deletes from the user's chat what showed the media openly; false when Telegram does not let us any more. */
async function hide(ctx: BotContext, userId: bigint, messageIds: readonly bigint[]): Promise<boolean> {
  if (messageIds.length === 0) return true
  try {
    return await ctx.api.deleteMessages(Number(userId), messageIds.map(Number))
  } catch (error) {
    const failure = classifyTelegramError(error)
    if (failure?.kind !== 'bad-request' && failure?.kind !== 'message-gone') throw error
    return false
  }
}

async function offerKnown(ctx: BotContext, { message, actor, userId }: Ask, contentId: number): Promise<void> {
  const { database, now } = ctx.services
  const content = await findContent(database.prisma, { contentId })
  if (!content) return tell(ctx, 'content-unknown')
  if (!content.active) return tell(ctx, 'lock-off-sale')
  const { title, product, priceCredits } = content
  const price = priceText(ctx, { credits: priceCredits, amountMinor: product?.priceMinor ?? null })
  const offer = { userId, contentId, text: `🔒 ${title} · ${price}`, author: actor, now: now() }
  await database.prisma.$transaction((tx) => offerContent(tx, { ...offer, asked: askedBy(ctx, message) }))
  await tell(ctx, 'lock-done', { title, price, id: String(contentId) })
}

function askedBy(ctx: BotContext, { chat, message_id }: Message) {
  return { botId: BigInt(ctx.me.id), topicChatId: BigInt(chat.id), messageId: BigInt(message_id) }
}

/** A price as the team reads it: "50 credits or $5.00". */
export function priceText(ctx: Pick<BotContext, 't' | 'services'>, { credits, amountMinor }: ContentPrice): string {
  const { currency } = ctx.services.config
  const inCredits = credits === null ? '' : ctx.t('content-credits', { cost: credits })
  const inMoney = amountMinor === null ? '' : formatMoney({ amountMinor, currency })
  if (inCredits === '' || inMoney === '') return inCredits || inMoney
  return ctx.t('content-either-price', { credits: inCredits, money: inMoney })
}

/** A price in the shop's currency, as an example. */
export function exampleOf(currency: string): string {
  return formatMoney({ amountMinor: 500, currency })
}

/** The least that a card can be charged in the shop's currency. */
export function leastPriceIn(currency: string): string {
  return formatMoney({ amountMinor: LEAST_MINOR, currency })
}

/** The texts may hold Telegram's HTML: a command in a <code> is copied by a tap, not sent without what follows it. */
async function tell(ctx: BotContext, text: string, args: Record<string, string> = {}): Promise<void> {
  const message = ctx.msg
  const safe = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, escapeHtml(value)]))
  await ctx.reply(ctx.t(text, safe), {
    parse_mode: 'HTML',
    ...(message && { reply_parameters: { message_id: message.message_id, allow_sending_without_reply: true } }),
  })
}
