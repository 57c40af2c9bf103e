/**
 * Text that PostgreSQL and Telegram both take: without NUL and without halves of surrogate pairs. Telegram's apps send
 * neither, but one such message must not fail for ever and hold up everything behind it.
 */
export function storableText(text: string): string {
  return text.includes('\0') || !text.isWellFormed() ? text.replaceAll('\0', '').toWellFormed() : text
}

/** At most so many UTF-16 units from the beginning, never ending in half a character. */
export function shortText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const isInsidePair = /[\ud800-\udbff]/.test(text.charAt(maxLength - 1))
  return text.slice(0, isInsidePair ? maxLength - 1 : maxLength)
}

/** The same value with every text in it storable; the very same object when there is nothing to mend. */
export function storableValue<T>(value: T): T {
  return mend(value) as T
}

function mend(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value)
  if (typeof value !== 'object' || value === null) return value
  const parts = value as Record<string, unknown>
  let mended: Record<string, unknown> | null = null
  // Every update passes here: no entries are made of objects that are in order.
  for (const key of Object.keys(parts)) {
    const part = parts[key]
    const good = mend(part)
    if (good === part) continue
    mended ??= (Array.isArray(value) ? [...(value as unknown[])] : { ...parts }) as Record<string, unknown>
    mended[key] = good
  }
  return mended ?? value
}
