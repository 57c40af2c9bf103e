import type { TelegramControl, Verb, WorldEvent } from './control-types.ts'
import { EventStream } from './event-stream.ts'
import { createWaits } from './waits.ts'

export type * from './control-types.ts'
export type * from './control-types-stars.ts'

/** Every verb by name; the compiler sees to it that none is forgotten. */
const verbNames: Record<Verb, true> = {
  createUser: true,
  updateUser: true,
  listUsers: true,
  blockBot: true,
  unblockBot: true,
  deactivateUser: true,
  createForum: true,
  createGroup: true,
  addMember: true,
  removeMember: true,
  setBotMembership: true,
  migrateGroup: true,
  setChatTitle: true,
  sendText: true,
  sendMedia: true,
  sendAlbum: true,
  forwardMessage: true,
  editMessage: true,
  deleteMessages: true,
  react: true,
  pressButton: true,
  payInvoice: true,
  listStarSubscriptions: true,
  changeStarSubscription: true,
  letStarMonthPass: true,
  withdrawStars: true,
  votePoll: true,
  createTopic: true,
  renameTopic: true,
  closeTopic: true,
  reopenTopic: true,
  deleteTopic: true,
  pinMessage: true,
  unpinMessage: true,
  listChats: true,
  getChat: true,
  listTopics: true,
  listMessages: true,
  getMessage: true,
  listCommands: true,
  getCallbackAnswer: true,
  updateQueue: true,
  pushRawUpdate: true,
  duplicateUpdate: true,
  holdUpdates: true,
  releaseUpdates: true,
  dropUpdates: true,
  advanceClock: true,
  addFault: true,
  listFaults: true,
  removeFault: true,
  clearFaults: true,
  setLimits: true,
  calls: true,
  violations: true,
  counters: true,
  resetCounters: true,
  flood: true,
  floodProgress: true,
  floodReport: true,
  stopFlood: true,
  reset: true,
}

/** Plays people and tests from another process. Close it, or the event stream keeps the process alive. */
export function createTelegramControl(url: string): TelegramControl {
  const root = url.replace(/\/$/, '')
  const call = async (verb: string, params: unknown): Promise<unknown> => {
    const response = await fetch(`${root}/control/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params ?? {}),
    })
    const answer = (await response.json()) as { ok: true; result: unknown } | { ok: false; error: string }
    if (!answer.ok) throw new Error(`${verb}: ${answer.error}`)
    return answer.result
  }
  const verbs = Object.fromEntries(
    Object.keys(verbNames).map((verb) => [verb, (params?: unknown) => call(verb, params)]),
  ) as Pick<TelegramControl, Verb>
  const stream = new EventStream(`${root}/control/events`)
  const watch = (listener: (event: WorldEvent) => void, since?: number) => stream.watch(listener, since)
  return {
    ...verbs,
    ...createWaits({ ...verbs, watch }),
    onEvent: (listener) => stream.subscribe(listener),
    url: root,
    close: () => stream.close(),
  }
}
