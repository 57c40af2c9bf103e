import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { type ContentMedia, partRows } from '#core/content/content-part.ts'
import type { ContentPrice } from '#core/content/parse-price.ts'
import type { Content, Prisma, PrismaClient } from '#prisma'

export interface NewContent {
  title: string
  description: string | null
  price: ContentPrice
  /** The shop's currency, for the price in money. */
  currency: string
  /** One file, or the parts of an album in their order. */
  media: readonly ContentMedia[]
  /** A picture that everybody may see. */
  previewFileId: string | null
  /** Names the act: repeated, it adds nothing. */
  ref: string
  actor: Actor
}

export type Added = { status: 'added' | 'duplicate'; content: Content }

export const MAX_TITLE_LENGTH = 100
export const MAX_DESCRIPTION_LENGTH = 500
/** https://core.telegram.org/bots/api#sendmediagroup */
const MAX_PARTS = 10

/**
 * Adds a content to what can be unlocked, with the product that sells it for money, and an audit row. The same act adds
 * it once. Throws a RangeError for a content without media or price, or with more media than one album takes.
 */
export async function addContent(prisma: PrismaClient, given: NewContent): Promise<Added> {
  return prisma.$transaction((tx) => addContentIn(tx, given))
}

/** The same inside the caller's transaction. */
export async function addContentIn(tx: Prisma.TransactionClient, given: NewContent): Promise<Added> {
  const { title, description, price, currency, media, previewFileId, ref, actor } = given
  if (media.length < 1 || media.length > MAX_PARTS) throw new RangeError(`${media.length} files are no content`)
  if (price.credits === null && price.amountMinor === null) throw new RangeError('A content must have a price')
  const createdBy = `team:${actor.id}`
  // Waits for the same act in another process, which is then seen below.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`content:${ref}`}, 0))`
  const earlier = await tx.content.findUnique({ where: { ref } })
  if (earlier) return { status: 'duplicate', content: earlier }
  const content = await tx.content.create({
    data: {
      title,
      description,
      priceCredits: price.credits,
      previewFileId,
      ref,
      createdBy,
      parts: { create: partRows(media) },
      ...(price.amountMinor !== null && {
        product: {
          create: { kind: 'content', label: title, description, amount: 1, priceMinor: price.amountMinor, currency },
        },
      }),
    },
  })
  const after = { title, priceCredits: price.credits, priceMinor: price.amountMinor, files: media.length }
  await recordAudit(tx, { actor, action: 'content.add', target: `content:${content.id}`, after })
  return { status: 'added', content }
}
