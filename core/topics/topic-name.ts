/** Telegram: https://core.telegram.org/bots/api#createforumtopic */
const LONGEST_NAME = 128
const PREFIX = '👤 '

interface Named {
  id: bigint | number
  firstName: string
  lastName: string | null
}

/**
 * The person's name on one line: no control characters, and nothing in it can turn the direction of the text around it.
 * Falls back to the id when nothing readable is left.
 */
export function displayName({ id, firstName, lastName }: Named, maxLength = 64): string {
  const name = [firstName, lastName ?? '']
    .join(' ')
    .toWellFormed()
    // Controls, line and paragraph separators, and the marks that embed, override or isolate a direction.
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return cut(name, maxLength) || String(id)
}

/** `👤 name (id)`, within Telegram's 128 characters. The id makes the topic recognisable, see {@link userIdOfTopic}. */
export function topicName(user: Named): string {
  const suffix = ` (${user.id})`
  return PREFIX + displayName(user, LONGEST_NAME - PREFIX.length - suffix.length) + suffix
}

/** Whose topic a name that {@link topicName} made belongs to; null for any other name. */
export function userIdOfTopic(name: string): bigint | null {
  const id = name.startsWith(PREFIX) ? /\((\d{1,19})\)$/.exec(name)?.[1] : undefined
  return id === undefined ? null : BigInt(id)
}

/** Shortens to UTF-16 units as Telegram counts them, never inside a character that people see as one. */
function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  let short = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (short.length + segment.length > maxLength - 1) break
    short += segment
  }
  return `${short.trimEnd()}…`
}
