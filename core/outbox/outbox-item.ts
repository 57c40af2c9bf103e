import { z } from 'zod'

/** What an outbox row can ask for. The bot renders it in the reader's language at the moment it is sent. */
export const outboxPayloads = {
  /** A user's message for the topic; the message row holds the content. */
  relay: z.object({
    messageIds: z.array(z.string()).min(1),
    credits: z.number(),
    passUntil: z.string().nullable(),
    cost: z.number(),
  }),
  /** What is left after an accepted message; consecutive ones become one edited message. */
  receipt: z.object({
    cost: z.number(),
    credits: z.number(),
    passUntil: z.string().nullable(),
    userMessageId: z.number(),
  }),
  /** A team answer for the user; the message row holds the content and where it stands in the topic. */
  reply: z.object({ messageIds: z.array(z.string()).min(1) }),
  /** A text of the bot's own, by its key in the locale files. */
  notice: z.object({
    text: z.string(),
    args: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
    /** Products to buy, or the way to the settings of auto-recharge or to the subscription. */
    buttons: z.enum(['buy', 'recharge', 'subscription', 'none']).default('none'),
    /** A button that leads to a page, above the others; its text is a key of the locale files. */
    link: z
      .object({ text: z.string(), args: z.record(z.string(), z.union([z.string(), z.number()])), url: z.url() })
      .optional(),
    /** A button that tries to buy this product again. */
    retryProductId: z.number().int().optional(),
  }),
  /** Trouble or news for the team: General of the admin group and the owners. */
  alert: z.object({ title: z.string(), detail: z.string(), severity: z.enum(['warning', 'urgent']) }),
  /** Bring the pinned card up to date. */
  card: z.object({}),
  /** Put away the topic of somebody who asked to be forgotten. */
  farewell: z.object({ chatId: z.number(), threadId: z.number(), cardMessageId: z.number().nullable() }),
  /** The media of a content, for somebody with the right to it. */
  content: z.object({ contentId: z.number().int() }),
  /** What a content is and costs, with the buttons that unlock it; the message row says where it was offered. */
  teaser: z.object({ contentId: z.number().int(), messageIds: z.array(z.string()) }),
  /** A user's question about a payment, with the buttons that decide it. */
  case: z.object({ caseId: z.string() }),
  /** Accept what the user wrote while they could not pay for it. */
  kept: z.object({}),
} as const

export type OutboxPurpose = keyof typeof outboxPayloads
export type OutboxPayload<P extends OutboxPurpose> = z.infer<(typeof outboxPayloads)[P]>

/** Smaller is sooner: people who wait in a chat, then the team's topics, then everything in bulk. */
export const outboxPriority = { userFacing: 0, relay: 1, background: 2, bulk: 3 } as const

/**
 * Lanes keep order: one towards a user's private chat, one towards the user's topic, one for what the user's purchase set
 * free, one for the team as a whole.
 */
export const lanes = {
  chat: (userId: bigint) => `chat:${userId}`,
  kept: (userId: bigint) => `kept:${userId}`,
  topic: (userId: bigint) => `topic:${userId}`,
  team: () => 'team',
}
