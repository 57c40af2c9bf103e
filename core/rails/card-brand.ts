/** Brands whose name is more than the rail's word for it with a capital (https://docs.stripe.com/api/cards/object). */
const BRANDS: Record<string, string> = {
  amex: 'American Express',
  cartes_bancaires: 'Cartes Bancaires',
  diners: 'Diners Club',
  eftpos_au: 'Eftpos',
  jcb: 'JCB',
  unionpay: 'UnionPay',
}

/** The brand of a card as it stands on it, `Visa` for `visa`; `Card` when nobody knows. */
export function cardBrand(brand: string | null): string {
  if (!brand || brand === 'unknown') return 'Card'
  return BRANDS[brand] ?? `${brand.charAt(0).toUpperCase()}${brand.slice(1)}`
}
