import type { CallFilter, CallRecord, ControlVerbs } from '../control-types.ts'
import { Flood } from '../world/flood.ts'
import { endDueMonths } from '../world/stars.ts'
import type { World } from '../world/world.ts'

type TroubleVerbs = Pick<
  ControlVerbs,
  | 'updateQueue'
  | 'pushRawUpdate'
  | 'duplicateUpdate'
  | 'holdUpdates'
  | 'releaseUpdates'
  | 'dropUpdates'
  | 'advanceClock'
  | 'addFault'
  | 'listFaults'
  | 'removeFault'
  | 'clearFaults'
  | 'setLimits'
  | 'calls'
  | 'violations'
  | 'counters'
  | 'resetCounters'
  | 'flood'
  | 'floodProgress'
  | 'floodReport'
  | 'stopFlood'
  | 'reset'
>

export function troubleVerbs(world: World): TroubleVerbs {
  return {
    updateQueue: () => world.queue.view(),
    pushRawUpdate: ({ update, keep }) => pushRaw(world, update, keep === true),
    duplicateUpdate: (p) => ({ updateId: world.queue.duplicate(p?.updateId, p?.newId === true).id }),
    holdUpdates: () => world.queue.hold(),
    releaseUpdates: (p) => world.queue.release(p?.order ?? 'kept'),
    dropUpdates: () => world.queue.drop(),
    advanceClock: ({ ms }) => {
      world.advance(ms)
      endDueMonths(world)
      return { now: world.now() }
    },
    addFault: (p) => world.faults.add(p),
    listFaults: () => world.faults.list(),
    removeFault: ({ id }) => world.faults.remove(id),
    clearFaults: () => world.faults.clear(),
    setLimits: (p) => world.limiter.set(p),
    calls: (p) => filterCalls(world.calls, p ?? {}),
    violations: () => [...world.violations],
    counters: () => world.counters.view(),
    resetCounters: () => world.resetCounters(),
    flood: (p) => {
      world.flood?.stop()
      world.flood = new Flood(world, p)
      world.flood.start()
      return world.flood.report()
    },
    floodProgress: () => getFlood(world).progress(),
    floodReport: () => getFlood(world).report(),
    stopFlood: () => {
      const flood = getFlood(world)
      flood.stop()
      return flood.report()
    },
    reset: () => world.clear(),
  }
}

function getFlood(world: World): Flood {
  if (!world.flood) throw new Error('no flood was started')
  return world.flood
}

/** Not part of the traffic log: it may be malformed on purpose. */
function pushRaw(world: World, update: unknown, keep: boolean): { updateId: number | null } {
  if (keep) {
    const own = (update as { update_id?: unknown } | null)?.update_id
    const id = typeof own === 'number' ? own : world.queue.takeId()
    world.queue.append('raw', id, JSON.stringify(update))
    return { updateId: typeof own === 'number' ? own : null }
  }
  const id = world.queue.takeId()
  world.queue.append('raw', id, JSON.stringify({ update_id: id, ...(update as object) }))
  return { updateId: id }
}

function filterCalls(calls: CallRecord[], filter: CallFilter): CallRecord[] {
  const fitting = calls.filter(
    (call) =>
      (filter.method === undefined || call.method.toLowerCase() === filter.method.toLowerCase()) &&
      (filter.chatId === undefined || call.params['chat_id'] === filter.chatId) &&
      (filter.since === undefined || call.seq > filter.since),
  )
  return filter.limit === undefined ? fitting : fitting.slice(-filter.limit)
}
