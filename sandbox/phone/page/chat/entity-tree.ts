import type { WireEntity } from '#sandbox/telegram/wire.ts'

export type TextNode = string | { entity: WireEntity; children: TextNode[] }

/**
 * Text and its entities as a tree. Offsets count UTF-16 units, as on the wire and in JavaScript. What does not nest is
 * cut at the border of what surrounds it; what lies outside of the text is ignored.
 */
export function entityTree(text: string, entities: readonly WireEntity[]): TextNode[] {
  const usable = entities
    .filter(({ offset, length }) => length > 0 && offset >= 0 && offset < text.length)
    .sort((one, other) => one.offset - other.offset || other.length - one.length)
  return branch(text, usable, 0, text.length)
}

function branch(text: string, entities: readonly WireEntity[], from: number, to: number): TextNode[] {
  const nodes: TextNode[] = []
  let at = from
  let index = 0
  while (index < entities.length) {
    const entity = entities[index]
    index += 1
    if (!entity || entity.offset < at || entity.offset >= to) continue
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset))
    const end = Math.min(entity.offset + entity.length, to)
    const inner = entities.slice(index).filter((other) => other.offset < end)
    nodes.push({ entity, children: branch(text, inner, entity.offset, end) })
    at = end
  }
  if (at < to) nodes.push(text.slice(at, to))
  return nodes
}

/** Only addresses that lead to the web, a mailbox or a telephone become links. */
export function safeHref(address: string): string | null {
  const withScheme = /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`
  try {
    const url = new URL(withScheme)
    return ['https:', 'http:', 'mailto:', 'tel:', 'tg:'].includes(url.protocol) ? url.href : null
  } catch {
    return null
  }
}
