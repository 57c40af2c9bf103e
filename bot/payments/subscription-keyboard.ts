import { InlineKeyboard } from 'grammy'
import type { InlineKeyboardButton } from 'grammy/types'
import type { Translate } from '#bot/payments/product-keyboard.ts'
import type { OwnSubscription } from '#core/subscriptions/list-subscriptions.ts'
import type { Product } from '#prisma'

/** How a button of this feature is told apart from others and from those of other versions. */
const PREFIX = 'u1:'

/** Shows how the user's subscriptions stand. */
export const SHOW_SUBSCRIPTIONS = `${PREFIX}list`

/** What a button sends; anybody can send anything, so it is looked up again. */
const ID = '([\\w:-]{1,50})'
export const SHOW_ONE = new RegExp(`^${PREFIX}s:${ID}$`)
export const ASK_CANCEL = new RegExp(`^${PREFIX}a:${ID}$`)
export const CANCEL = new RegExp(`^${PREFIX}c:${ID}$`)
export const RESUME = new RegExp(`^${PREFIX}r:${ID}$`)
export const SHOW_PLANS = new RegExp(`^${PREFIX}p:${ID}$`)
export const CHANGE_PLAN = new RegExp(`^${PREFIX}n:(\\d{1,9}):${ID}$`)

/** Leads from a notice to the subscription. */
export function subscriptionButton(translate: Translate): InlineKeyboardButton {
  return InlineKeyboard.text(translate('sub-manage-button'), SHOW_SUBSCRIPTIONS)
}

/** One button for each subscription. */
export function chooseKeyboard(subscriptions: readonly OwnSubscription[]): InlineKeyboard {
  const keyboard = new InlineKeyboard()
  for (const { id, product } of subscriptions) keyboard.text(product.label, `${PREFIX}s:${id}`).row()
  return keyboard
}

/** What can be done about one subscription. One in Stars is managed in Telegram itself. */
export function manageKeyboard(
  translate: Translate,
  { id, rail, endedAt, cancelAtPeriodEnd }: OwnSubscription,
  { hasOtherPlans, billingUrl }: { hasOtherPlans: boolean; billingUrl: string | null },
): InlineKeyboard {
  const keyboard = new InlineKeyboard()
  if (rail !== 'stripe' || endedAt !== null) return keyboard
  if (cancelAtPeriodEnd) keyboard.text(translate('sub-resume-button'), `${PREFIX}r:${id}`).row()
  else keyboard.text(translate('sub-cancel-button'), `${PREFIX}a:${id}`).row()
  if (hasOtherPlans && !cancelAtPeriodEnd) keyboard.text(translate('sub-plans-button'), `${PREFIX}p:${id}`).row()
  return billingUrl === null ? keyboard : keyboard.url(translate('sub-billing-button'), billingUrl)
}

export function confirmKeyboard(translate: Translate, id: string): InlineKeyboard {
  return new InlineKeyboard()
    .text(translate('sub-cancel-yes-button'), `${PREFIX}c:${id}`)
    .row()
    .text(translate('sub-back-button'), `${PREFIX}s:${id}`)
}

export function plansKeyboard(
  translate: Translate,
  id: string,
  plans: readonly { product: Pick<Product, 'id' | 'label'>; price: string }[],
): InlineKeyboard {
  const keyboard = new InlineKeyboard()
  for (const { product, price } of plans) {
    keyboard.text(translate('sub-plan', { label: product.label, price }), `${PREFIX}n:${product.id}:${id}`).row()
  }
  return keyboard.text(translate('sub-back-button'), `${PREFIX}s:${id}`)
}
