import { InlineKeyboard } from 'grammy'
import type { InlineKeyboardButton } from 'grammy/types'
import { formatMoney } from '#core/money/format-money.ts'
import { waysToPay } from '#core/products/ways-to-pay.ts'
import type { RailChoice } from '#core/settings/settings.ts'
import type { Product, ProductKind } from '#prisma'

/** How a button of this feature is told apart from others and from those of other versions. */
const PREFIX = 'b1:'

/** Opens the list of products. */
export const OPEN_SHOP = `${PREFIX}list`

/** Opens what of it renews by itself. */
export const OPEN_SUBSCRIPTIONS = `${PREFIX}subs`

/** Takes the list of products away. */
export const CLOSE_SHOP = `${PREFIX}close`

/** What a product's button sends; anybody can send anything, so it is looked up again. */
export const PRODUCT_DATA = new RegExp(`^${PREFIX}(\\d{1,9})$`)

/** A button that chooses a product, and so leads to its pay link. */
export const productData = (productId: number): string => `${PREFIX}${productId}`

/** Writes a text of the locale files in the reader's language. */
export type Translate = (key: string, args?: Record<string, string | number>) => string

/** Two products of a kind a row, price first because the end of a long button is cut off. */
export function productKeyboard(translate: Translate, products: readonly Product[], rails: RailChoice): InlineKeyboard {
  const rows: InlineKeyboardButton[][] = []
  let kind: ProductKind | null = null
  for (const product of products) {
    const { id, label, bonus } = product
    const text = translate('buy-product', { label, bonus, price: priceOf(product, rails) })
    const button = InlineKeyboard.text(text, productData(id))
    const row = rows.at(-1)
    if (row?.length === 1 && product.kind === kind) row.push(button)
    else rows.push([button])
    kind = product.kind
  }
  return new InlineKeyboard(rows)
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
