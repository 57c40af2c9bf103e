import { z } from 'zod'

const credits = z.number().int().min(0).max(1_000_000)

/** What can be changed while everything runs. Each key is one row of `settings`; an absent row means the default. */
export const settingsSchema = z.object({
  /** Credits that one message of a kind costs; kinds not listed cost `other`. */
  messageCosts: z
    .object({
      text: credits.default(1),
      photo: credits.default(3),
      voice: credits.default(5),
      video: credits.default(5),
      video_note: credits.default(5),
      document: credits.default(3),
      audio: credits.default(3),
      animation: credits.default(2),
      sticker: credits.default(1),
      other: credits.default(1),
    })
    .prefault({}),
  /** How a user learns what is left after a message. */
  receipts: z.enum(['message', 'reaction', 'off']).default('message'),
  /** What stands above a user's message in the topic. */
  header: z.enum(['full', 'compact', 'off']).default('full'),
  /** Which messages in a topic are answers: all of them, or only replies to the user's messages. */
  answers: z.enum(['every', 'replies']).default('every'),
  /** Warn when credits fall to this number or below. */
  lowCredits: credits.default(10),
  /** Warn when a pass has less than this left. */
  lowPassSeconds: z.number().int().min(0).max(86_400).default(300),
})

export type Settings = z.infer<typeof settingsSchema>
export type SettingKey = keyof Settings
