import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { profileOf } from '#bot/features/profile.ts'
import {
  agreeKeyboard,
  CHOOSE_RECHARGE,
  capsKeyboard,
  productsKeyboard,
  RECHARGE_AGREE,
  RECHARGE_CAP,
  RECHARGE_OFF,
  RECHARGE_PRODUCT,
  RECHARGE_THRESHOLD,
  SHOW_RECHARGE,
  thresholdsKeyboard,
} from '#bot/payments/recharge-keyboard.ts'
import { showInPlace } from '#bot/payments/show-in-place.ts'
import { assertNever } from '#core/assert-never.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { agreeToRecharge } from '#core/recharge/agree-to-recharge.ts'
import { findPlan, listRechargeProducts, type PlanView } from '#core/recharge/find-plan.ts'
import { cardLinks } from '#core/recharge/open-card-setup.ts'
import { switchOffRecharge } from '#core/recharge/switch-off-recharge.ts'
import { RECHARGE_CAPS, RECHARGE_THRESHOLDS } from '#core/recharge/terms.ts'
import { registerUser } from '#core/users/register-user.ts'
import type { Product } from '#prisma'

/** Lets a user have credits bought by themselves, step by step in one message, and stop it at any time. */
export const autorecharge = new Composer<BotContext>()

const privateChat = autorecharge.chatType('private')

privateChat.command('autorecharge', (ctx) => (/^off\b/i.test(ctx.match.trim()) ? turnOff(ctx) : showPlan(ctx)))
privateChat.callbackQuery(SHOW_RECHARGE, (ctx) => answered(ctx, () => showPlan(ctx)))
privateChat.callbackQuery(RECHARGE_OFF, (ctx) => answered(ctx, () => turnOff(ctx)))
privateChat.callbackQuery(CHOOSE_RECHARGE, (ctx) => answered(ctx, () => chooseProduct(ctx)))

privateChat.callbackQuery(RECHARGE_PRODUCT, (ctx) =>
  answered(ctx, async () => {
    const product = await productOf(ctx, Number(ctx.match[1]))
    if (!product) return chooseProduct(ctx)
    const args = { label: product.label, price: money(product.priceMinor, product) }
    await showInPlace(ctx, ctx.t('recharge-threshold', args), thresholdsKeyboard(ctx.t, product))
  }),
)

privateChat.callbackQuery(RECHARGE_THRESHOLD, (ctx) =>
  answered(ctx, async () => {
    const product = await productOf(ctx, Number(ctx.match[1]))
    const threshold = Number(ctx.match[2])
    if (!product || !isOneOf(RECHARGE_THRESHOLDS, threshold)) return chooseProduct(ctx)
    await showInPlace(ctx, ctx.t('recharge-cap'), capsKeyboard(ctx.t, product, threshold))
  }),
)

privateChat.callbackQuery(RECHARGE_CAP, (ctx) =>
  answered(ctx, async () => {
    const choice = await choiceOf(ctx, ctx.match)
    return choice ? askConsent(ctx, choice) : chooseProduct(ctx)
  }),
)

privateChat.callbackQuery(RECHARGE_AGREE, (ctx) =>
  answered(ctx, async () => {
    const choice = await choiceOf(ctx, ctx.match)
    return choice ? agree(ctx, choice) : chooseProduct(ctx)
  }),
)

type UserContext = BotContext & { from: NonNullable<BotContext['from']> }

interface Choice {
  product: Product
  threshold: number
  /** The month's cap, as so many times the price. */
  times: number
}

async function answered(ctx: BotContext, show: () => Promise<void>): Promise<void> {
  await ctx.answerCallbackQuery()
  await show()
}

async function showPlan(ctx: UserContext): Promise<void> {
  const { database, now, config } = ctx.services
  const plan = await findPlan(database.prisma, { userId: BigInt(ctx.from.id), now: now() })
  if (!plan) return chooseProduct(ctx)
  const keyboard = new InlineKeyboard()
  const needsCard = plan.state === 'awaiting_card' || (plan.state === 'suspended' && plan.card === null)
  if (needsCard && plan.cardToken !== null) {
    keyboard.url(ctx.t('recharge-card-button'), cardLinks(config.publicUrl, plan.cardToken).open).row()
  }
  if (plan.state === 'off') keyboard.text(ctx.t('recharge-start-button'), CHOOSE_RECHARGE)
  else {
    keyboard.text(ctx.t('recharge-change-button'), CHOOSE_RECHARGE)
    keyboard.text(ctx.t('recharge-off-button'), RECHARGE_OFF)
  }
  await showInPlace(ctx, describe(ctx, plan), keyboard)
}

function describe(ctx: BotContext, plan: PlanView): string {
  const { state, product, threshold, monthlyCapMinor, spentMinor, suspendedReason } = plan
  const card = plan.card ? ctx.t('recharge-card-name', plan.card) : ''
  switch (state) {
    case 'on':
      return ctx.t('recharge-on', {
        label: product.label,
        price: money(product.priceMinor, product),
        threshold,
        cap: money(monthlyCapMinor, product),
        spent: money(spentMinor, product),
        card,
      })
    case 'awaiting_card':
      return ctx.t('recharge-awaiting-card')
    case 'suspended':
      return ctx.t('recharge-suspended', { reason: suspendedReason ?? 'refused' })
    case 'off':
      return ctx.t('recharge-off')
    default:
      return assertNever(state)
  }
}

async function chooseProduct(ctx: BotContext): Promise<void> {
  const { database, settings } = ctx.services
  // Only a card can be charged without its owner; Stars cannot.
  const products = settings.current.rails === 'stars' ? [] : await listRechargeProducts(database.prisma)
  const text = products.length === 0 ? 'recharge-nothing' : 'recharge-choose'
  await showInPlace(ctx, ctx.t(text), productsKeyboard(ctx.t, products))
}

async function productOf(ctx: BotContext, productId: number): Promise<Product | null> {
  if (ctx.services.settings.current.rails === 'stars') return null
  const products = await listRechargeProducts(ctx.services.database.prisma)
  return products.find(({ id }) => id === productId) ?? null
}

/** Anybody can send anything: only what the buttons offer counts. */
async function choiceOf(ctx: BotContext, match: string | RegExpMatchArray): Promise<Choice | null> {
  const product = await productOf(ctx, Number(match[1]))
  const threshold = Number(match[2])
  const times = Number(match[3])
  const isOffered = isOneOf(RECHARGE_THRESHOLDS, threshold) && isOneOf(RECHARGE_CAPS, times)
  return product && isOffered ? { product, threshold, times } : null
}

async function consentText(ctx: UserContext, { product, threshold, times }: Choice): Promise<string> {
  const { database, now } = ctx.services
  const plan = await findPlan(database.prisma, { userId: BigInt(ctx.from.id), now: now() })
  return ctx.t('recharge-consent', {
    label: product.label,
    bonus: product.bonus,
    price: money(product.priceMinor, product),
    threshold,
    cap: money(times * product.priceMinor, product),
    card: plan?.card ? ctx.t('recharge-card-name', plan.card) : 'none',
  })
}

async function askConsent(ctx: UserContext, choice: Choice): Promise<void> {
  const { product, threshold, times } = choice
  const keyboard = agreeKeyboard(ctx.t, { productId: product.id, threshold, times })
  await showInPlace(ctx, await consentText(ctx, choice), keyboard)
}

/** What counts is what the user has read: unless the message says today's terms, word for word, it is shown anew. */
async function agree(ctx: UserContext, choice: Choice): Promise<void> {
  const text = await consentText(ctx, choice)
  if (textOfMessage(ctx) !== text) return askConsent(ctx, choice)
  const { database, now } = ctx.services
  const { product, threshold, times } = choice
  const profile = profileOf(ctx.from)
  await registerUser(database.prisma, profile)
  const outcome = await agreeToRecharge(database.prisma, {
    userId: profile.id,
    productId: product.id,
    priceMinor: product.priceMinor,
    threshold,
    monthlyCapMinor: times * product.priceMinor,
    text,
    now: now(),
  })
  switch (outcome.status) {
    case 'on':
    case 'awaiting_card':
      return showPlan(ctx)
    case 'outdated':
      return chooseProduct(ctx)
    case 'banned':
      await ctx.reply(ctx.t('recharge-banned'))
      return
    default:
      return assertNever(outcome)
  }
}

function textOfMessage(ctx: BotContext): string | undefined {
  const message = ctx.callbackQuery?.message
  return message && 'text' in message ? message.text : undefined
}

async function turnOff(ctx: UserContext): Promise<void> {
  const userId = BigInt(ctx.from.id)
  await ctx.services.database.prisma.$transaction((tx) => switchOffRecharge(tx, { userId, reason: 'user' }))
  const keyboard = new InlineKeyboard().text(ctx.t('recharge-start-button'), CHOOSE_RECHARGE)
  await showInPlace(ctx, ctx.t('recharge-off'), keyboard)
}

function money(amountMinor: number, { currency }: Pick<Product, 'currency'>): string {
  return formatMoney({ amountMinor, currency })
}

function isOneOf(offered: readonly number[], value: number): boolean {
  return offered.includes(value)
}
