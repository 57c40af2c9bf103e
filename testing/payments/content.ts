import { randomUUID } from 'node:crypto'
import { addContent } from '#core/content/add-content.ts'
import type { ContentMedia } from '#core/content/content-part.ts'
import { findContent, type WholeContent } from '#core/content/find-content.ts'
import type { ContentPrice } from '#core/content/parse-price.ts'
import type { PrismaClient } from '#prisma'

export const photo: ContentMedia = {
  kind: 'photo',
  fileId: 'photo-file',
  caption: null,
  captionEntities: null,
  sizeBytes: 24_000,
  durationSeconds: null,
}

/** A content that is on sale: one photo for fifty credits or five dollars, unless told otherwise. */
export async function newContent(
  prisma: PrismaClient,
  {
    price = { credits: 50, amountMinor: 500 },
    media = [photo],
    title = 'Beach set',
  }: { price?: ContentPrice; media?: ContentMedia[]; title?: string } = {},
): Promise<WholeContent> {
  const { content } = await addContent(prisma, {
    title,
    description: 'Nine minutes of sun',
    price,
    currency: 'usd',
    media,
    previewFileId: null,
    ref: randomUUID(),
    actor: { id: 1n, name: 'Olivia', role: 'owner' },
  })
  const whole = await findContent(prisma, { contentId: content.id })
  if (!whole) throw new Error('the content is not there')
  return whole
}
