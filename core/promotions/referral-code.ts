/** Telegram's ids have at most 52 significant bits: https://core.telegram.org/bots/api#user */
const HIGHEST_ID = 2n ** 52n

/** The code under which somebody invites others: their id, shorter and fit for a link. */
export function referralCodeOf(userId: bigint): string {
  return userId.toString(36)
}

/** Whose code it is; null for what nobody's code can be. */
export function readReferralCode(code: string): bigint | null {
  if (!/^[0-9a-z]{1,11}$/.test(code)) return null
  let userId = 0n
  for (const digit of code) userId = userId * 36n + BigInt(Number.parseInt(digit, 36))
  return userId > 0n && userId < HIGHEST_ID ? userId : null
}
