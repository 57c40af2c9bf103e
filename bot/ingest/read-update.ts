import { createHash } from 'node:crypto'
import type { Update } from 'grammy/types'

export type ReadUpdate =
  | { status: 'readable'; updateId: number; lane: string; payload: string; update: Update }
  | { status: 'malformed'; updateId: number; payload: string; reason: string; identified: boolean }

type Bag = Record<string, unknown>

/** Makes of anything that Telegram may send something that can be stored. Never throws. */
export function readUpdate(raw: unknown): ReadUpdate {
  const updateId = isBag(raw) ? raw.update_id : undefined
  const identified = typeof updateId === 'number' && Number.isSafeInteger(updateId) && updateId > 0
  const payload = toJson(raw)
  if (payload === null) {
    const note = JSON.stringify({ unreadable: 'nested too deeply' })
    return identified
      ? { status: 'malformed', updateId, payload: note, reason: 'nested too deeply', identified }
      : { status: 'malformed', updateId: -1, payload: note, reason: 'nested too deeply', identified }
  }
  if (!identified || !isBag(raw)) {
    return { status: 'malformed', updateId: idFromContent(payload), payload, reason: 'no update_id', identified: false }
  }
  return { status: 'readable', updateId, lane: laneOf(raw), payload, update: raw as unknown as Update }
}

/**
 * What must stay in order: a private chat, a topic, the General part of a group; otherwise the person.
 * A thread id counts only with `is_topic_message`, because replies in General and in ordinary groups carry one too.
 */
export function laneOf(update: object): string {
  const body = Object.values(update).find(isBag)
  const message = isBag(body?.message) ? body.message : body
  const chatId = idOf(message?.chat)
  if (chatId !== null) {
    const thread = message?.is_topic_message === true ? message.message_thread_id : undefined
    return typeof thread === 'number' ? `${chatId}:${thread}` : String(chatId)
  }
  const personId = idOf(body?.from) ?? idOf(body?.user)
  return personId === null ? 'other' : String(personId)
}

/** The album that a new message is part of. */
export function albumOf(update: Update): string | null {
  const albumId = update.message?.media_group_id
  return typeof albumId === 'string' ? albumId : null
}

function idOf(value: unknown): number | null {
  return isBag(value) && typeof value.id === 'number' && Number.isSafeInteger(value.id) ? value.id : null
}

function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toJson(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? 'null'
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Negative, where Telegram has no ids, and the same each time the same thing arrives. */
function idFromContent(payload: string): number {
  return -1 - createHash('sha256').update(payload).digest().readUIntBE(0, 6)
}
