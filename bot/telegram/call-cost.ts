/**
 * What a call costs the chat it goes to: null for calls that no chat limit concerns, 0 for calls that only wait while
 * the chat is paused, otherwise the number of messages it counts as. Edits, pins and topic changes count like messages
 * in a group; the parts of an album count singly.
 */
export function callCost(method: string, payload: object): number | null {
  let weight = weights.get(method)
  if (weight === undefined) {
    weight = weigh(method)
    weights.set(method, weight)
  }
  if (weight !== 'parts') return weight
  return countParts(payload)
}

type Weight = 0 | 1 | 'parts' | null
const weights = new Map<string, Weight>()

const counted =
  /^(send|copy|forward|edit(Message|ForumTopic|General)|(create|close|reopen|delete)\w*ForumTopic|(un)?pin|stopPoll)/
const paused = /^(setMessageReaction|deleteMessages?$)/
const inParts = new Set(['sendMediaGroup', 'copyMessages', 'forwardMessages'])

function weigh(method: string): Weight {
  if (method === 'sendChatAction') return null
  if (inParts.has(method)) return 'parts'
  if (counted.test(method)) return 1
  return paused.test(method) ? 0 : null
}

function countParts(payload: object): number {
  if ('media' in payload && Array.isArray(payload.media)) return Math.max(1, payload.media.length)
  if ('message_ids' in payload && Array.isArray(payload.message_ids)) return Math.max(1, payload.message_ids.length)
  return 1
}
