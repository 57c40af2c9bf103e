import type { I18n } from '@grammyjs/i18n'
import type { InlineKeyboardMarkup } from 'grammy/types'
import { productKeyboard } from '#bot/payments/product-keyboard.ts'
import type { Db } from '#core/db.ts'
import { listProductsOnOffer } from '#core/products/find-products.ts'
import type { SettingsCache } from '#core/settings/settings-cache.ts'

/** The product buttons under a notice, in the reader's language; none while nothing is on offer. */
export function noticeKeyboard(
  db: Db,
  i18n: I18n,
  settings: SettingsCache,
): (locale: string) => Promise<InlineKeyboardMarkup | undefined> {
  return async (locale) => {
    const { rails } = settings.current
    const products = await listProductsOnOffer(db, { rails })
    if (products.length === 0) return undefined
    return productKeyboard((key, args) => i18n.t(locale, key, args), products, rails)
  }
}
