import { InlineKeyboard } from 'grammy'
import type { Translate } from '#bot/payments/product-keyboard.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { RECHARGE_CAPS, RECHARGE_THRESHOLDS } from '#core/recharge/terms.ts'
import type { Product } from '#prisma'

/** How a button of this feature is told apart from others and from those of other versions. */
const PREFIX = 'r1:'

/** Shows how auto-recharge stands. */
export const SHOW_RECHARGE = `${PREFIX}show`
/** Starts choosing, whether or not it is on. */
export const CHOOSE_RECHARGE = `${PREFIX}choose`
export const RECHARGE_OFF = `${PREFIX}off`

/** Each button carries everything chosen so far; anybody can send anything, so all of it is checked again. */
export const RECHARGE_PRODUCT = new RegExp(`^${PREFIX}p:(\\d{1,9})$`)
export const RECHARGE_THRESHOLD = new RegExp(`^${PREFIX}t:(\\d{1,9}):(\\d{1,4})$`)
export const RECHARGE_CAP = new RegExp(`^${PREFIX}c:(\\d{1,9}):(\\d{1,4}):(\\d{1,3})$`)
export const RECHARGE_AGREE = new RegExp(`^${PREFIX}y:(\\d{1,9}):(\\d{1,4}):(\\d{1,3})$`)

/** Leads from a notice to the settings of auto-recharge. */
export function rechargeButton(translate: Translate) {
  return InlineKeyboard.text(translate('recharge-settings-button'), SHOW_RECHARGE)
}

export function productsKeyboard(translate: Translate, products: readonly Product[]): InlineKeyboard {
  const keyboard = new InlineKeyboard()
  for (const product of products) {
    const { id, label, bonus, priceMinor, currency } = product
    const price = formatMoney({ amountMinor: priceMinor, currency })
    keyboard.text(translate('buy-product', { label, bonus, price }), `${PREFIX}p:${id}`).row()
  }
  return keyboard
}

export function thresholdsKeyboard(translate: Translate, { id }: Pick<Product, 'id'>): InlineKeyboard {
  const keyboard = new InlineKeyboard()
  for (const threshold of RECHARGE_THRESHOLDS) keyboard.text(String(threshold), `${PREFIX}t:${id}:${threshold}`)
  return keyboard.row().text(translate('recharge-back-button'), CHOOSE_RECHARGE)
}

export function capsKeyboard(translate: Translate, product: Product, threshold: number): InlineKeyboard {
  const keyboard = new InlineKeyboard()
  for (const [index, times] of RECHARGE_CAPS.entries()) {
    if (index > 0 && index % 2 === 0) keyboard.row()
    const amount = formatMoney({ amountMinor: times * product.priceMinor, currency: product.currency })
    keyboard.text(amount, `${PREFIX}c:${product.id}:${threshold}:${times}`)
  }
  return keyboard.row().text(translate('recharge-back-button'), `${PREFIX}p:${product.id}`)
}

export function agreeKeyboard(
  translate: Translate,
  { productId, threshold, times }: { productId: number; threshold: number; times: number },
): InlineKeyboard {
  return new InlineKeyboard()
    .text(translate('recharge-agree-button'), `${PREFIX}y:${productId}:${threshold}:${times}`)
    .row()
    .text(translate('recharge-back-button'), `${PREFIX}t:${productId}:${threshold}`)
}
