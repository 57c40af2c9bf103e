import type { CallRecord } from '#sandbox/telegram/control-types.ts'
import type { Cast, Tone } from './narration.ts'
import { nameInSentence, quote } from './words.ts'

/** Asked all the time and telling nobody anything. */
const quiet = new Set([
  'getupdates',
  'getme',
  'getfile',
  'getchat',
  'getchatmember',
  'getstartransactions',
  'getwebhookinfo',
  'sendchataction',
])

/** What a bot tells Telegram of itself when it starts. */
export function isSetUp(method: string): boolean {
  return Object.hasOwn(setUp, method.toLowerCase())
}

const setUp: Record<string, string> = {
  setmycommands: 'Commands registered',
  deletemycommands: 'Old commands removed',
  setmydescription: 'Description set',
  setmyshortdescription: 'Short description set',
  setmyname: 'Name set',
  setchatmenubutton: 'Menu button set',
  deletewebhook: 'Switched to polling',
  setwebhook: 'Switched to webhooks',
}

/** One call in plain words; null for what nobody wants to read. Failures are always told. */
export function lineOfCall(call: CallRecord, cast: Cast): { text: string; tone: Tone } | null {
  const method = call.method.toLowerCase()
  if (call.error) return failure(call, method)
  if (call.fault && call.fault.startsWith('drop'))
    return { text: `The answer to ${call.method} got lost on the way`, tone: 'warning' }
  if (quiet.has(method)) return null
  const text =
    setUp[method] ?? starLine(call, method) ?? topicLine(call, method) ?? messageLine(call, method, cast) ?? call.method
  return { text, tone: call.fault ? 'warning' : 'plain' }
}

function failure(call: CallRecord, method: string): { text: string; tone: Tone } | null {
  if (!call.error || (method === 'getupdates' && call.error.code === 409)) return null
  const { code, description, retryAfterSeconds } = call.error
  if (code === 429)
    return { text: `Telegram asks to wait ${retryAfterSeconds ?? 1} s before ${call.method}`, tone: 'warning' }
  const reason = description.replace(/^(Bad Request|Forbidden): /, '')
  return { text: `${call.method} failed: ${reason}`, tone: 'bad' }
}

function starLine({ params }: CallRecord, method: string): string | null {
  switch (method) {
    case 'sendinvoice':
      return `Invoice sent: ${quote(String(params.title))}`
    case 'createinvoicelink':
      return `Invoice made: ${quote(String(params.title))}`
    case 'answerprecheckoutquery':
      return params.ok === true ? 'Payment let through' : `Payment refused: ${quote(String(params.error_message))}`
    case 'refundstarpayment':
      return 'Stars given back'
    case 'edituserstarsubscription':
      return params.is_canceled === true ? 'Renewal ended' : 'Renewal allowed again'
    default:
      return null
  }
}

function topicLine(call: CallRecord, method: string): string | null {
  switch (method) {
    case 'createforumtopic':
      return `Topic created: ${quote(String(call.params.name))}`
    case 'editforumtopic':
      return 'Topic renamed or re-marked'
    case 'closeforumtopic':
      return 'Topic closed'
    case 'reopenforumtopic':
      return 'Topic reopened'
    case 'deleteforumtopic':
      return 'Topic deleted'
    case 'pinchatmessage':
      return 'Card pinned on top'
    case 'unpinchatmessage':
      return 'Card unpinned'
    default:
      return null
  }
}

function messageLine(call: CallRecord, method: string, cast: Cast): string | null {
  const inGroup = Number(call.params.chat_id) === cast.groupId
  const person = cast.isPerson(Number(call.params.chat_id))
    ? nameInSentence(cast.nameOf(Number(call.params.chat_id)))
    : null
  const text = textOf(call)
  if (method === 'answercallbackquery')
    return typeof call.params.text === 'string' ? `Button answered ${quote(call.params.text)}` : 'Button answered'
  if (method === 'setmessagereaction') return reactionLine(call, inGroup)
  if (method.startsWith('copymessage') || method.startsWith('forwardmessage')) {
    if (inGroup) return 'Arrived in the topic'
    return person ? `Arrived at ${person}` : 'Passed on'
  }
  if (method.startsWith('editmessage'))
    return inGroup && !isGeneral(call)
      ? 'Card brought up to date'
      : `Brought up to date${text ? ` ${quote(text)}` : ''}`
  if (method.startsWith('deletemessage')) return 'Message deleted'
  if (!method.startsWith('send')) return null
  if (inGroup) {
    const where = isGeneral(call) ? 'General' : 'the topic'
    return text ? `In ${where}: ${quote(text)}` : `Arrived in ${where}`
  }
  return `${person ?? 'The user'} reads ${text ? quote(text) : 'it'}`
}

/** General is no topic: neither what is sent there nor what comes of it names one. */
function isGeneral({ params, result }: CallRecord): boolean {
  const sent = result as { message_thread_id?: unknown } | undefined
  return params.message_thread_id === undefined && sent?.message_thread_id === undefined
}

function reactionLine(call: CallRecord, inGroup: boolean): string {
  const [first] = Array.isArray(call.params.reaction) ? call.params.reaction : []
  const emoji = (first as { emoji?: unknown } | undefined)?.emoji
  if (typeof emoji !== 'string') return 'Reaction taken away'
  return inGroup ? `Confirmed with ${emoji}` : `Reacted with ${emoji}`
}

/** The text that came out, without the markup that went in. */
function textOf(call: CallRecord): string {
  const result = call.result as { text?: unknown; caption?: unknown } | undefined
  const shown = result?.text ?? result?.caption ?? call.params.text ?? call.params.caption
  return typeof shown === 'string' ? (shown.split('\n').find((line) => line.trim() !== '') ?? '') : ''
}
