/** What a code looks like: fit for a link (https://core.telegram.org/bots/features#deep-linking) and for typing. */
const CODE = /^[A-Z0-9_-]{3,32}$/

/** A code as it is kept, however somebody typed it. */
export function normalizeCode(typed: string): string {
  return typed.trim().toUpperCase()
}

/** Whether a normalized text can be a code at all. */
export function isPromoCode(code: string): boolean {
  return CODE.test(code)
}
