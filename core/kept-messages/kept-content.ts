import { z } from 'zod'
import type { IncomingMessage } from '#core/conversations/accept-messages.ts'

/** What is kept of a message: everything that accepting it takes, apart from who wrote it and the updates. */
const keptContent = z.object({
  albumId: z.string().nullable(),
  preview: z.string(),
  parts: z
    .array(
      z.object({
        messageId: z.number().int(),
        kind: z.string(),
        text: z.string().nullable(),
        content: z.looseObject({}),
      }),
    )
    .min(1),
})

export type KeptContent = Pick<IncomingMessage, 'albumId' | 'preview' | 'parts'>

/** Throws when the row holds something else. */
export function readKept(content: unknown): KeptContent {
  return keptContent.parse(content)
}
