import type { WireEntity } from '../wire.ts'

export interface FormattedText {
  text: string
  entities: WireEntity[]
}

export function sortEntities(entities: WireEntity[]): WireEntity[] {
  return entities.sort((a, b) => a.offset - b.offset || b.length - a.length)
}

/** The address as Telegram keeps it, or null where it quietly leaves the text without a link. */
export function normalUrl(url: string): string | null {
  if (/^(tg|ton|mailto|tel):/i.test(url)) return url
  const full = /^https?:\/\//i.test(url) ? url : `http://${url}`
  try {
    const parsed = new URL(full)
    if (!parsed.hostname.includes('.') && !parsed.hostname.startsWith('[')) return null
    return parsed.href
  } catch {
    return null
  }
}
