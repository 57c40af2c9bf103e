import type { Api } from 'grammy'
import { productData } from '#bot/payments/product-keyboard.ts'
import { rechargeButton } from '#bot/payments/recharge-keyboard.ts'
import { subscriptionButton } from '#bot/payments/subscription-keyboard.ts'
import { classifyTelegramError } from '#bot/telegram/errors.ts'
import { escapeHtml } from '#bot/telegram/escape-html.ts'
import { progressBar } from '#bot/telegram/progress-bar.ts'
import { timeLeft } from '#bot/telegram/time-left.ts'
import type { OutboxContext, Outcome } from '#bot/workers/outbox/context.ts'
import type { ClaimedItem } from '#core/outbox/claim-items.ts'
import type { OutboxPayload } from '#core/outbox/outbox-item.ts'
import type { Person } from '#core/outbox/read-outbox-facts.ts'

const SEEN = '👌'
const nothing: Outcome = { status: 'sent', effects: {} }
const unreachable: Outcome = { status: 'refused', reason: 'The user has stopped the bot', quiet: true }

/** Tells a user what is left after a message, in the form the settings ask for. */
export async function sendReceipt(
  context: OutboxContext,
  { userId }: ClaimedItem,
  payload: OutboxPayload<'receipt'>,
): Promise<Outcome> {
  const mode = context.settings().receipts
  if (mode === 'off' || userId === null) return nothing
  const person = await context.facts.freshPerson(userId)
  if (!person || person.isBlocked) return unreachable
  const chatId = Number(userId)
  const api = context.apis.user
  if (mode === 'reaction') {
    await react(api, chatId, payload.userMessageId)
    return nothing
  }
  const text = await receiptText(context, person, payload)
  const messageId = await showReceipt(api, chatId, person.receiptMessageId, text)
  return { status: 'sent', effects: { receipt: { userId, messageId } } }
}

async function react(api: Api, chatId: number, messageId: number): Promise<void> {
  try {
    await api.setMessageReaction(chatId, messageId, [{ type: 'emoji', emoji: SEEN }])
  } catch (error) {
    const kind = classifyTelegramError(error)?.kind
    // The user deleted it, or reactions do not work here: nothing is owed any more.
    if (kind !== 'message-gone' && kind !== 'bad-request' && kind !== 'not-modified') throw error
  }
}

/** Edits the last receipt if nothing was said since, otherwise sends a new one. Returns which message shows it. */
async function showReceipt(api: Api, chatId: number, previous: number | null, text: string): Promise<number> {
  if (previous !== null) {
    try {
      await api.editMessageText(chatId, previous, text)
      return previous
    } catch (error) {
      const kind = classifyTelegramError(error)?.kind
      if (kind === 'not-modified') return previous
      if (kind !== 'message-gone' && kind !== 'bad-request') throw error
    }
  }
  return (await api.sendMessage(chatId, text, { disable_notification: true })).message_id
}

async function receiptText(
  { i18n, facts, now, teamLocale }: OutboxContext,
  person: Person,
  { credits, passUntil }: OutboxPayload<'receipt'>,
): Promise<string> {
  const locale = person.languageCode ?? teamLocale
  const until = passUntil === null ? null : new Date(passUntil)
  if (until && until > now()) return i18n.t(locale, 'receipt-pass', { left: timeLeft(until, now()) })
  const bar = progressBar(credits, await facts.fullCredits(person.userId, credits))
  return i18n.t(locale, 'receipt-credits', { credits, bar })
}

/** Says one of the bot's own texts to a user, in the user's language. The texts may hold Telegram's HTML. */
export async function sendNotice(
  context: OutboxContext,
  { userId }: ClaimedItem,
  { text, args, buttons, link, retryProductId }: OutboxPayload<'notice'>,
): Promise<Outcome> {
  const person = userId === null ? undefined : await context.facts.freshPerson(userId)
  if (!person || person.isBlocked) return unreachable
  if (text === 'notice-low-credits' && (await isRecharged(context, person, args.credits))) return nothing
  const locale = person.languageCode ?? context.teamLocale
  const safe = Object.entries(args).map(([key, value]) => [key, typeof value === 'string' ? escapeHtml(value) : value])
  const rows = [
    ...(link ? [[{ text: context.i18n.t(locale, link.text, link.args), url: link.url }]] : []),
    ...(retryProductId
      ? [[{ text: context.i18n.t(locale, 'payment-retry-button'), callback_data: productData(retryProductId) }]]
      : []),
    ...(buttons === 'subscription' ? [[subscriptionButton((key) => context.i18n.t(locale, key))]] : []),
    ...(buttons === 'recharge' ? [[rechargeButton((key) => context.i18n.t(locale, key))]] : []),
    ...(buttons === 'buy' ? ((await context.buyKeyboard(locale))?.inline_keyboard ?? []) : []),
  ]
  await context.apis.user.sendMessage(person.userId, context.i18n.t(locale, text, Object.fromEntries(safe)), {
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    ...(rows.length > 0 && { reply_markup: { inline_keyboard: rows } }),
  })
  return { status: 'sent', effects: { receipt: { userId: person.userId, messageId: null } } }
}

/**
 * Whether the debit that left so many credits has asked for a recharge. Then the user hears of that, whatever becomes of
 * it, and is not asked to buy seconds before.
 */
async function isRecharged({ facts }: OutboxContext, { userId }: Person, credits: unknown): Promise<boolean> {
  const threshold = await facts.rechargeThresholds.load(userId)
  return threshold !== undefined && Number(credits) <= threshold
}
