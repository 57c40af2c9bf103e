/** Where the simulated shop is and who runs it. */
export const GROUP = -1_001_000_000_001
export const OLIVIA = 1_000_001
export const PUBLIC_URL = 'https://shop.test'
/** The number before the colon of the bot's token. */
export const BOT_ID = 7_000_000_001n
