/** Every command that is suggested to users, by what it is about: Telegram's list and /help are made from it. */
export const USER_COMMANDS = {
  talk: ['start', 'help'],
  credits: ['buy', 'balance', 'history', 'subscription', 'autorecharge', 'redeem', 'invite'],
  account: ['purchases', 'billing', 'paysupport', 'mydata', 'deleteme', 'privacy', 'terms'],
} as const satisfies Record<string, readonly string[]>

/** What is suggested to a team member in private, before all else. */
export const MEMBER_COMMANDS = ['login']

/** What is suggested in the team's group. */
export const TOPIC_COMMANDS = ['note', 'tier', 'take', 'promo', 'lock', 'content']
