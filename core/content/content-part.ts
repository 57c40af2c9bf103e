import { z } from 'zod'
import type { Prisma } from '#prisma'

/** Media that can be locked: what Telegram keeps as a file and a bot can send again by its id. */
const contentKinds = ['photo', 'video', 'animation', 'audio', 'document', 'voice', 'video_note'] as const

export type ContentKind = (typeof contentKinds)[number]

/** One file of a content, as it came from a Telegram message. */
export interface ContentMedia {
  kind: ContentKind
  fileId: string
  caption: string | null
  captionEntities: object[] | null
  sizeBytes: number | null
  durationSeconds: number | null
}

const file = z.object({
  file_id: z.string().min(1),
  file_size: z.number().int().nonnegative().optional(),
  duration: z.number().int().nonnegative().optional(),
})

const mediaMessage = z.object({
  // An animation also carries a document, hence first.
  animation: file.optional(),
  photo: z.array(file).min(1).optional(),
  video: file.optional(),
  audio: file.optional(),
  document: file.optional(),
  voice: file.optional(),
  video_note: file.optional(),
  caption: z.string().optional(),
  caption_entities: z.array(z.looseObject({})).optional(),
})

/** What of a Telegram message can be locked; null when it holds no file. Photos count in their largest size. */
export function contentMediaOf(message: object): ContentMedia | null {
  const parsed = mediaMessage.safeParse(message)
  if (!parsed.success || 'paid_media' in message) return null
  const { photo, caption, caption_entities: captionEntities, ...files } = parsed.data
  const byKind = { ...files, photo: photo?.at(-1) }
  const kind = (['animation', ...contentKinds] as const).find((candidate) => byKind[candidate] !== undefined)
  const found = kind && byKind[kind]
  if (!found) return null
  return {
    kind,
    fileId: found.file_id,
    caption: caption ?? null,
    captionEntities: captionEntities ?? null,
    sizeBytes: found.file_size ?? null,
    durationSeconds: found.duration ?? null,
  }
}

/** The rows of a content's media, in their order. */
export function partRows(media: readonly ContentMedia[]) {
  return media.map(({ kind, fileId, caption, captionEntities, sizeBytes, durationSeconds }, position) => ({
    position,
    kind,
    fileId,
    caption,
    captionEntities: (captionEntities ?? undefined) as Prisma.InputJsonValue | undefined,
    sizeBytes,
    durationSeconds,
  }))
}
