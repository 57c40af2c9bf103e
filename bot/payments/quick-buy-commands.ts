import type { BotCommand } from 'grammy/types'
import { priceOf, type Translate } from '#bot/payments/product-keyboard.ts'
import type { Db } from '#core/db.ts'
import { listQuickBuyProducts } from '#core/products/find-products.ts'
import type { RailChoice } from '#core/settings/settings.ts'

/** Telegram lists at most a hundred commands; the rest stays usable, unlisted. */
const MOST_LISTED = 50

/** The quick-buy commands of the products on offer, for the command list in one language. */
export async function quickBuyCommands(db: Db, translate: Translate, rails: RailChoice): Promise<BotCommand[]> {
  const products = await listQuickBuyProducts(db, { rails })
  return products.slice(0, MOST_LISTED).map((product) => ({
    command: `buy${product.quickBuy}`,
    description: translate('buy-quick-command', { label: product.label, price: priceOf(product, rails) }).slice(0, 256),
  }))
}
