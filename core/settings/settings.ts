import { z } from 'zod'

const credits = z.number().int().min(0).max(1_000_000)

/** Which ways to pay are open: Stripe, Telegram Stars, or both side by side. */
const railChoice = z.enum(['stripe', 'stars', 'both'])
export type RailChoice = z.infer<typeof railChoice>

/** What lifts somebody to a tier: so many purchases, or so much money spent (minor units). 0 closes that way. */
const threshold = (purchases: number, spentMinor: number) =>
  z
    .object({
      purchases: z.number().int().min(0).max(1_000_000).default(purchases),
      spentMinor: z.number().int().min(0).max(1_000_000_000).default(spentMinor),
    })
    .prefault({})
const percent = z.number().int().min(0).max(100)

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
  /** What an album costs: as much as its dearest part, or all parts together. */
  albumPrice: z.enum(['dearest', 'sum']).default('dearest'),
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
  /** How people pay. What has no price in Stars is not sold for Stars. */
  rails: railChoice.default('stripe'),
  /** Who is a regular and who is a VIP, where the team has not said so itself. */
  tiers: z.object({ regular: threshold(2, 2_000), vip: threshold(10, 20_000) }).prefault({}),
  /** Bonus credits on bought credits, in percent, by the tier that the buyer had. */
  loyaltyPercent: z
    .object({ new: percent.default(0), regular: percent.default(0), vip: percent.default(0) })
    .prefault({}),
  /** Bonus credits for an invitation that led to a first purchase: for who invited, and for who came. 0 is off. */
  referralCredits: z.object({ referrer: credits.default(0), referred: credits.default(0) }).prefault({}),
  /**
   * A payment of less than this (minor units) is given back at once when its buyer asks, if nothing of it was used and
   * that did not happen in the last thirty days; 0 is off.
   */
  autoRefundBelowMinor: z.number().int().min(0).max(1_000_000).default(0),
  /** How many days before bonus credits end the user is told; 0 is off. */
  bonusWarningDays: z.number().int().min(0).max(30).default(1),
  /** What /privacy and /terms say; empty for the standard text. */
  privacyText: z.string().max(4_000).default(''),
  termsText: z.string().max(4_000).default(''),
  /** After so many days what people wrote is emptied; 0 keeps it. */
  retentionDays: z.number().int().min(0).max(3_650).default(0),
  /** What becomes of the topic of somebody who asked to be forgotten: it is closed without a name, or deleted. */
  erasedTopics: z.enum(['close', 'delete']).default('close'),
})

export type Settings = z.infer<typeof settingsSchema>
export type SettingKey = keyof Settings
