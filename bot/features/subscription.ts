import { Composer, InlineKeyboard } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { OPEN_SUBSCRIPTIONS } from '#bot/payments/product-keyboard.ts'
import { showInPlace } from '#bot/payments/show-in-place.ts'
import {
  ASK_CANCEL,
  CANCEL,
  CHANGE_PLAN,
  chooseKeyboard,
  confirmKeyboard,
  manageKeyboard,
  plansKeyboard,
  RESUME,
  SHOW_ONE,
  SHOW_PLANS,
  SHOW_SUBSCRIPTIONS,
} from '#bot/payments/subscription-keyboard.ts'
import { assertNever } from '#core/assert-never.ts'
import { handOutBillingLink } from '#core/billing/billing-link.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { listProductsOnOffer } from '#core/products/find-products.ts'
import { RailUnavailableError } from '#core/rails/payment-rail.ts'
import { changePlan, type PlanChanged, setRenewal } from '#core/subscriptions/change-subscription.ts'
import { listPlans } from '#core/subscriptions/list-plans.ts'
import {
  findOwnSubscription,
  listLiveSubscriptions,
  type OwnSubscription,
} from '#core/subscriptions/list-subscriptions.ts'

/** Shows what a user subscribed to, and lets them end it, go on, choose another plan or another card. */
export const subscription = new Composer<BotContext>()

const privateChat = subscription.chatType('private')

privateChat.command('subscription', (ctx) => showSubscriptions(ctx))

privateChat.callbackQuery(SHOW_SUBSCRIPTIONS, async (ctx) => {
  await ctx.answerCallbackQuery()
  await showSubscriptions(ctx)
})

privateChat.callbackQuery(SHOW_ONE, async (ctx) => {
  await ctx.answerCallbackQuery()
  const own = await ownOf(ctx)
  await (own ? showOne(ctx, own) : showSubscriptions(ctx))
})

privateChat.callbackQuery(ASK_CANCEL, async (ctx) => {
  await ctx.answerCallbackQuery()
  const own = await ownOf(ctx)
  if (!own) return showSubscriptions(ctx)
  const args = { label: own.product.label, until: momentOf(own) }
  await showInPlace(ctx, ctx.t('sub-cancel-ask', args), confirmKeyboard(ctx.t, own.id))
})

privateChat.callbackQuery([CANCEL, RESUME], async (ctx) => {
  await ctx.answerCallbackQuery()
  const { database, rail, now } = ctx.services
  const renews = RESUME.test(ctx.callbackQuery.data)
  await change(ctx, () => setRenewal(database.prisma, rail, { ...wishOf(ctx), renews, now: now() }))
})

privateChat.callbackQuery(SHOW_PLANS, async (ctx) => {
  await ctx.answerCallbackQuery()
  const { database } = ctx.services
  const own = await ownOf(ctx)
  if (!own) return showSubscriptions(ctx)
  const plans = (await listPlans(database.prisma, { subscription: own })).map((product) => {
    const { priceMinor: amountMinor, currency } = product
    return { product, price: formatMoney({ amountMinor, currency }) }
  })
  const args = { label: own.product.label, until: momentOf(own) }
  await showInPlace(ctx, ctx.t('sub-plans', args), plansKeyboard(ctx.t, own.id, plans))
})

privateChat.callbackQuery(CHANGE_PLAN, async (ctx) => {
  await ctx.answerCallbackQuery()
  const { database, rail, now } = ctx.services
  const wish = { userId: BigInt(ctx.from.id), subscriptionId: ctx.match[2] ?? '', productId: Number(ctx.match[1]) }
  await change(ctx, () => changePlan(database.prisma, rail, { ...wish, now: now() }))
})

type PrivateContext = BotContext & { from: NonNullable<BotContext['from']> }

/** Shows what the user subscribed to: at once when it is one thing. */
export async function showSubscriptions(ctx: PrivateContext): Promise<void> {
  const { database, settings, now } = ctx.services
  const live = await listLiveSubscriptions(database.prisma, { userId: BigInt(ctx.from.id), now: now() })
  const [first, ...others] = live
  if (!first) {
    const products = await listProductsOnOffer(database.prisma, { rails: settings.current.rails })
    const keyboard = new InlineKeyboard()
    if (products.some(({ kind }) => kind === 'subscription')) {
      keyboard.text(ctx.t('sub-shop-button'), OPEN_SUBSCRIPTIONS)
    }
    return showInPlace(ctx, ctx.t('sub-none'), keyboard)
  }
  if (others.length === 0) return showOne(ctx, first)
  await showInPlace(ctx, ctx.t('sub-choose'), chooseKeyboard(live))
}

async function showOne(ctx: BotContext, own: OwnSubscription): Promise<void> {
  const { config, database, now } = ctx.services
  const { userId } = own
  const plans = await listPlans(database.prisma, { subscription: own })
  const billingUrl = await handOutBillingLink(database.prisma, { userId, publicUrl: config.publicUrl, now: now() })
  const keyboard = manageKeyboard(ctx.t, own, { hasOtherPlans: plans.length > 0, billingUrl })
  await showInPlace(ctx, ctx.t(textOf(own), argsOf(own)), keyboard)
}

function textOf({ rail, status, endedAt, cancelAtPeriodEnd }: OwnSubscription): string {
  if (endedAt !== null) return 'sub-is-over'
  if (rail === 'stars') return 'sub-in-stars'
  if (status === 'past_due' || status === 'unpaid') return 'sub-owing'
  return cancelAtPeriodEnd ? 'sub-ending' : 'sub-running'
}

function argsOf(own: OwnSubscription) {
  const { product, amountMinor, currency, rail } = own
  const price = rail === 'stars' ? `⭐ ${amountMinor}` : formatMoney({ amountMinor, currency })
  return { label: product.label, price, until: momentOf(own) }
}

/** Milliseconds since the epoch: the text decides how a moment is written in the reader's language. */
const momentOf = ({ currentPeriodEnd }: OwnSubscription): number => currentPeriodEnd?.getTime() ?? 0

function wishOf(ctx: PrivateContext) {
  return { userId: BigInt(ctx.from.id), subscriptionId: String(ctx.match?.[1]) }
}

function ownOf(ctx: PrivateContext): Promise<OwnSubscription | null> {
  return findOwnSubscription(ctx.services.database.prisma, wishOf(ctx))
}

async function change(ctx: PrivateContext, act: () => Promise<PlanChanged>): Promise<void> {
  const outcome = await act().catch((error: unknown) => {
    if (error instanceof RailUnavailableError) return null
    throw error
  })
  if (outcome === null) {
    await ctx.reply(ctx.t('sub-unavailable'))
    return
  }
  switch (outcome.status) {
    case 'changed':
      return showOne(ctx, outcome.subscription)
    case 'gone':
      return showSubscriptions(ctx)
    case 'unavailable':
    case 'subscribed':
    case 'refused':
      await ctx.reply(ctx.t('sub-refused'))
      return
    default:
      return assertNever(outcome)
  }
}
