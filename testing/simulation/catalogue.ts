import { randomUUID } from 'node:crypto'
import { addContent } from '#core/content/add-content.ts'
import { createPromoCode } from '#core/promotions/create-promo-code.ts'
import { GROUP, OLIVIA } from '#testing/simulation/places.ts'
import type { World } from '#testing/simulation/world.ts'

const DAY_SECONDS = 86_400

/** What each price buys. No two cost the same, so that a charge alone tells what was bought. */
export interface Offer {
  productId: number
  kind: 'credits' | 'time' | 'content' | 'subscription'
  priceMinor: number
  credits: number
  bonus: number
  /** Null where it depends on the moment. */
  seconds: number | null
  contentId: number | null
  /** What it costs in credits, where it is sold for them. */
  costCredits: number | null
}

export interface Code {
  id: number
  code: string
  credits: number
}

export interface Catalogue {
  offers: Offer[]
  codes: Code[]
  offerAt(priceMinor: number): Offer | undefined
  ofKind(kind: Offer['kind']): Offer[]
}

const olivia = { id: BigInt(OLIVIA), name: 'Olivia', role: 'owner' } as const

/** Puts the shop's goods on the shelves, with every promotion switched on. */
export async function stockCatalogue(world: World): Promise<Catalogue> {
  await world.query(`INSERT INTO settings (key, value, updated_by) VALUES
    ('rails', '"both"', 'simulation'),
    ('referralCredits', '{"referrer": 5, "referred": 3}', 'simulation'),
    ('loyaltyPercent', '{"new": 0, "regular": 10, "vip": 20}', 'simulation')`)
  const offers = [...(await stockGoods(world)), ...(await stockContents(world))]
  const codes = await makeCodes(world)
  return {
    offers,
    codes,
    offerAt: (priceMinor) => offers.find((offer) => offer.priceMinor === priceMinor),
    ofKind: (kind) => offers.filter((offer) => offer.kind === kind),
  }
}

const goods = [
  { kind: 'credits', label: 'Ten credits', amount: 10, bonus: 0, priceMinor: 310, priceStars: 150 },
  { kind: 'credits', label: 'Thirty credits', amount: 30, bonus: 3, priceMinor: 830, priceStars: 400 },
  { kind: 'credits', label: 'Hundred credits', amount: 100, bonus: 11, priceMinor: 2170 },
  { kind: 'time', label: 'An hour', amount: 3_600, bonus: 0, priceMinor: 290 },
  { kind: 'time', label: 'Two days', amount: 2 * DAY_SECONDS, bonus: 0, priceMinor: 1490, priceStars: 750 },
  { kind: 'subscription', gives: 'credits', label: 'Monthly credits', amount: 40, bonus: 7, priceMinor: 1130 },
  { kind: 'subscription', gives: 'access', label: 'Monthly access', amount: 1, bonus: 0, priceMinor: 3010 },
] as const

async function stockGoods({ db }: World): Promise<Offer[]> {
  const offers: Offer[] = []
  for (const good of goods) {
    const {
      id: productId,
      kind,
      priceMinor,
      amount,
      bonus,
    } = await db.product.create({
      data: { ...good, currency: 'usd' },
    })
    const givesCredits = kind === 'credits' || ('gives' in good && good.gives === 'credits')
    const seconds = kind === 'time' ? amount : givesCredits ? 0 : null
    const credits = givesCredits ? amount : 0
    offers.push({ productId, kind, priceMinor, credits, bonus, seconds, contentId: null, costCredits: null })
  }
  return offers
}

async function stockContents({ db, telegram }: World): Promise<Offer[]> {
  const offers: Offer[] = []
  for (const price of [
    { credits: 12, amountMinor: 450 },
    { credits: 25, amountMinor: 970 },
  ]) {
    const { photo = [] } = telegram.sendMedia({ userId: OLIVIA, chatId: GROUP, kind: 'photo' })
    const sizes = photo as { file_id: string }[]
    const { content } = await addContent(db, {
      title: `Set for ${price.credits}`,
      description: 'Nine minutes of sun',
      price,
      currency: 'usd',
      media: [
        {
          kind: 'photo',
          fileId: sizes.at(-1)?.file_id ?? '',
          caption: null,
          captionEntities: null,
          sizeBytes: 24_000,
          durationSeconds: null,
        },
      ],
      previewFileId: null,
      ref: randomUUID(),
      actor: olivia,
    })
    const product = await db.product.findUniqueOrThrow({ where: { contentId: content.id } })
    const nothing = { credits: 0, bonus: 0, seconds: 0 }
    const common = { productId: product.id, kind: 'content', priceMinor: price.amountMinor } as const
    offers.push({ ...common, ...nothing, contentId: content.id, costCredits: price.credits })
  }
  return offers
}

async function makeCodes({ db }: World): Promise<Code[]> {
  const codes: Code[] = []
  for (const given of [
    { code: 'WELCOME', credits: 8, maxUses: null, creditsLastDays: 3 },
    { code: 'FEW', credits: 15, maxUses: 5, creditsLastDays: null },
  ]) {
    const terms = { passSeconds: 0, expiresAt: null, actor: olivia, now: new Date() }
    const made = await createPromoCode(db, { ...given, ...terms })
    if (made.status !== 'created') throw new Error(`the code is ${made.status}`)
    codes.push({ id: made.promo.id, code: given.code, credits: given.credits })
  }
  return codes
}
