import { resolveAlert } from '#core/alerts/raise-alert.ts'
import { type Actor, recordAudit } from '#core/audit/record-audit.ts'
import { type ContentMedia, partRows } from '#core/content/content-part.ts'
import { oweContent } from '#core/content/owe-content.ts'
import type { Prisma, PrismaClient } from '#prisma'

type Tx = Prisma.TransactionClient

interface Change {
  contentId: number
  actor: Actor
}

/** The alert that a content's file is not at Telegram any more. */
export function contentFileAlert(contentId: number): string {
  return `content-file:${contentId}`
}

/** The alert that the picture of its teaser is not at Telegram any more. */
export function contentPreviewAlert(contentId: number): string {
  return `content-preview:${contentId}`
}

/** Offers a content, or takes it out of sale. Whoever has it keeps it. Does nothing when it is so already. */
export async function setContentActive(
  prisma: PrismaClient,
  { contentId, active, actor }: Change & { active: boolean },
): Promise<void> {
  await prisma.$transaction(async (tx) => {
    const { count } = await tx.content.updateMany({ where: { id: contentId, active: !active }, data: { active } })
    if (count === 0) return
    await tx.product.updateMany({ where: { contentId }, data: { active } })
    const action = active ? 'content.offer' : 'content.withdraw'
    await recordAudit(tx, { actor, action, target: `content:${contentId}` })
  })
}

/** Shows another picture on the teaser, or none. Nobody's right changes. */
export async function changePreview(
  prisma: PrismaClient,
  { contentId, previewFileId, actor }: Change & { previewFileId: string | null },
): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.content.update({ where: { id: contentId }, data: { previewFileId } })
    await recordAudit(tx, { actor, action: 'content.preview', target: `content:${contentId}` })
    await resolveAlert(tx, { key: contentPreviewAlert(contentId) })
  })
}

/**
 * Puts other files in place of a content's media, because Telegram lost them or they were wrong. Nobody's right changes,
 * and what could not be delivered with the old files is owed again, once per person.
 */
export async function replaceMedia(
  prisma: PrismaClient,
  { contentId, media, actor }: Change & { media: readonly ContentMedia[] },
): Promise<void> {
  if (media.length === 0) throw new RangeError('A content needs media')
  await prisma.$transaction(async (tx) => {
    await tx.contentPart.deleteMany({ where: { contentId } })
    await tx.contentPart.createMany({ data: partRows(media).map((part) => ({ contentId, ...part })) })
    await recordAudit(tx, {
      actor,
      action: 'content.media',
      target: `content:${contentId}`,
      after: { files: media.length },
    })
    await resolveAlert(tx, { key: contentFileAlert(contentId) })
    await oweAgain(tx, contentId)
  })
}

async function oweAgain(tx: Tx, contentId: number): Promise<void> {
  const failed = await tx.$queryRaw<{ id: bigint; user_id: bigint }[]>`
    SELECT id, user_id FROM outbox
    WHERE state = 'dead' AND purpose = 'content' AND (payload ->> 'contentId')::int = ${contentId} ORDER BY id`
  await tx.outboxItem.deleteMany({ where: { state: 'dead', id: { in: failed.map(({ id }) => id) } } })
  for (const userId of new Set(failed.map(({ user_id }) => user_id))) await oweContent(tx, { contentId, userId })
}
