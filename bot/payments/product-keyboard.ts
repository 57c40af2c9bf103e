import { InlineKeyboard } from 'grammy'
import { formatMoney } from '#core/money/format-money.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import type { RailChoice } from '#core/settings/settings.ts'
import type { Product } from '#prisma'

/** How a button of this feature is told apart from others and from those of other versions. */
const PREFIX = 'b1:'

/** Opens the list of products. */
export const OPEN_SHOP = `${PREFIX}list`

/** Opens what of it renews by itself. */
export const OPEN_SUBSCRIPTIONS = `${PREFIX}subs`

/** What a product's button sends; anybody can send anything, so it is looked up again. */
export const PRODUCT_DATA = new RegExp(`^${PREFIX}(\\d{1,9})$`)

/** A button that chooses a product, and so leads to its pay link. */
export const productData = (productId: number): string => `${PREFIX}${productId}`

/** Writes a text of the locale files in the reader's language. */
export type Translate = (key: string, args?: Record<string, string | number>) => string

/** Two products a row, price first because the end of a long button is cut off. */
export function productKeyboard(translate: Translate, products: readonly Product[], rails: RailChoice): InlineKeyboard {
  const keyboard = new InlineKeyboard()
  for (const [index, product] of products.entries()) {
    if (index > 0 && index % 2 === 0) keyboard.row()
    const { id, label, bonus } = product
    keyboard.text(translate('buy-product', { label, bonus, price: priceOf(product, rails) }), productData(id))
  }
  return keyboard
}

type Priced = Pick<Product, 'kind' | 'gives' | 'priceMinor' | 'currency' | 'priceStars'>

/** A price as people read it: in Stars where that is the only way to pay. */
export function priceOf(offer: Priced, rails: RailChoice): string {
  const { priceMinor, currency, priceStars } = offer
  if (priceStars !== null && waysToPay(offer, rails)[0] === 'stars') return starPrice(priceStars)
  return formatMoney({ amountMinor: priceMinor, currency })
}

export function starPrice(stars: number): string {
  return `⭐ ${new Intl.NumberFormat('en').format(stars)}`
}
