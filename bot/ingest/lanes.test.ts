import type { Update } from 'grammy/types'
import { afterEach, expect, test, vi } from 'vitest'
import { Claims } from '#bot/ingest/claims.ts'
import { type ItemEnd, Lanes } from '#bot/ingest/lanes.ts'
import { defaultLimits, type IngestLimits } from '#bot/ingest/limits.ts'
import { type Item, newWork, updateIdsOf } from '#bot/ingest/work.ts'
import type { OpenUpdate } from '#core/inbox/inbox-update.ts'

/** Lanes over an inbox in memory; `attempt` defaults to handling at once. */
function openLanes(
  options: {
    attempt?: (item: Item, signal: AbortSignal) => Promise<ItemEnd>
    limits?: Partial<IngestLimits>
    onLoad?: () => void | Promise<void>
  } = {},
) {
  const handled: number[][] = []
  const inbox = new Map<number, OpenUpdate>()
  const claims = new Claims()
  const lanes = new Lanes({
    limits: { ...defaultLimits, ...options.limits },
    claims,
    attempt: async (item, signal) => {
      const end: ItemEnd = options.attempt ? await options.attempt(item, signal) : { next: 'release' }
      if (end.next !== 'retry') {
        handled.push(updateIdsOf(item))
        for (const updateId of updateIdsOf(item)) inbox.delete(updateId)
      }
      return end
    },
    loadMore: async (lane, afterUpdateId, limit) => {
      const isNext = (row: OpenUpdate) => row.lane === lane && row.updateId > afterUpdateId
      const page = [...inbox.values()].filter(isNext).slice(0, limit)
      await options.onLoad?.()
      return page
    },
  })
  lanes.open()
  const give = (
    updateId: number,
    { lane = 'one', albumId = null }: { lane?: string; albumId?: string | null } = {},
  ) => {
    const message = albumId === null ? {} : { message: { media_group_id: albumId } }
    const work = newWork(updateId, lane, { update_id: updateId, ...message } as Update)
    inbox.set(updateId, { updateId, lane, payload: work.update, attempts: 0, waitMs: 0 })
    claims.take(updateId)
    lanes.add(work)
  }
  cleanUps.push(() => lanes.close())
  return { lanes, claims, handled, inbox, give }
}

const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

function gate() {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

const eventually = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5_000 })
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('a lane handles one at a time in order of arrival while other lanes go on', async () => {
  const stuck = gate()
  let inOne = 0
  const { handled, give } = openLanes({
    attempt: async (item) => {
      if (item.lane === 'one') {
        inOne += 1
        expect(inOne).toBe(1)
        await stuck.passed
        inOne -= 1
      }
      return { next: 'release' }
    },
  })
  give(1)
  give(2)
  give(3)
  give(4, { lane: 'two' })
  await eventually(() => expect(handled).toEqual([[4]]))
  stuck.open()
  await eventually(() => expect(handled).toEqual([[4], [1], [2], [3]]))
})

test('a busy lane leaves what exceeds its share to the inbox and handles all of it in order', async () => {
  const stuck = gate()
  const { lanes, claims, handled, give } = openLanes({
    limits: { maxLaneBuffered: 5, maxBuffered: 20 },
    attempt: async (item) => {
      if (item.lane === 'one') await stuck.passed
      return { next: 'release' }
    },
  })
  for (const updateId of range(1, 100)) give(updateId)
  expect(lanes.buffered).toBe(6)
  expect(claims.has(100)).toBe(false)
  give(101, { lane: 'two' })
  await eventually(() => expect(handled).toEqual([[101]]))
  stuck.open()
  await eventually(() => expect(handled.length).toBe(101))
  expect(handled.slice(1)).toEqual(range(1, 100).map((updateId) => [updateId]))
  expect([lanes.buffered, lanes.size]).toEqual([0, 0])
})

test('updates that come while a busy lane catches up keep their place', async () => {
  const { handled, give } = openLanes({ limits: { maxLaneBuffered: 3 } })
  let next = 1
  while (next <= 300) {
    for (let count = 0; count < 7; count += 1) give(next++)
    await Promise.resolve()
  }
  await eventually(() => expect(handled.length).toBe(next - 1))
  expect(handled.flat()).toEqual(range(1, next - 1))
})

test('an update that is left to the inbox while the lane looks there is found at its next look', async () => {
  let late = [8, 9]
  const { handled, give } = openLanes({
    limits: { maxLaneBuffered: 3 },
    onLoad: () => {
      for (const updateId of late) give(updateId)
      late = []
    },
  })
  for (const updateId of range(1, 6)) give(updateId)
  await eventually(() => expect(handled.flat()).toEqual([1, 2, 3, 4, 5, 6, 8, 9]))
})

test('a lane that catches up passes over what somebody else holds, and goes on behind it', async () => {
  const stuck = gate()
  const { claims, handled, give } = openLanes({
    limits: { maxLaneBuffered: 5 },
    attempt: async () => {
      await stuck.passed
      return { next: 'release' }
    },
  })
  for (const updateId of range(1, 20)) give(updateId)
  // More than the lane asks for at once, so that one look finds nothing to take.
  for (const updateId of range(7, 13)) claims.take(updateId)
  stuck.open()
  await eventually(() => expect(handled.flat()).toEqual([...range(1, 6), ...range(14, 20)]))
})

test('a full buffer asks the poller to wait until there is room again', async () => {
  const stuck = gate()
  const { lanes, give } = openLanes({
    limits: { maxBuffered: 4 },
    attempt: async () => {
      await stuck.passed
      return { next: 'release' }
    },
  })
  for (const updateId of range(1, 4)) give(updateId, { lane: `lane ${updateId}` })
  let roomy = false
  const waiting = lanes.waitForRoom(new AbortController().signal).then(() => {
    roomy = true
  })
  await new Promise(setImmediate)
  expect(roomy).toBe(false)
  stuck.open()
  await waiting
  expect(lanes.room).toBeGreaterThanOrEqual(2)
})

test('an item that failed is tried again when it is due, not sooner, and nothing overtakes it', async () => {
  let failures = 2
  const seen: number[] = []
  const times: number[] = []
  const { handled, give } = openLanes({
    attempt: async (item) => {
      seen.push(...updateIdsOf(item))
      times.push(performance.now())
      if (item.works[0]?.updateId !== 1 || failures-- === 0) return { next: 'release' }
      return { next: 'retry', attempts: item.attempts + 1, inMs: 30 }
    },
  })
  give(1)
  give(2)
  await eventually(() => expect(handled).toEqual([[1], [2]]))
  expect(seen).toEqual([1, 1, 1, 2])
  const [first = 0, second = 0, third = 0] = times
  expect(Math.min(second - first, third - second)).toBeGreaterThanOrEqual(29)
})

test('the parts of an album are one item, and a later part is an item of its own', async () => {
  const { handled, give } = openLanes({ limits: { albumQuietMs: 40 } })
  give(1, { albumId: 'a' })
  give(2, { albumId: 'a' })
  give(3, { lane: 'two', albumId: 'a' })
  await new Promise((resolve) => setTimeout(resolve, 15))
  give(4, { albumId: 'a' })
  await eventually(() => expect(handled).toHaveLength(2))
  expect(handled).toContainEqual([1, 2, 4])
  expect(handled).toContainEqual([3])
  give(5, { albumId: 'a' })
  await eventually(() => expect(handled).toContainEqual([5]))
})

test('an album ends when something else follows, and when it is full', async () => {
  const { handled, give } = openLanes({ limits: { albumQuietMs: 60_000, albumMaxMs: 60_000 } })
  give(1, { albumId: 'a' })
  give(2, { albumId: 'a' })
  give(3)
  give(4, { albumId: 'b' })
  give(5, { albumId: 'c' })
  for (const updateId of range(6, 15)) give(updateId, { albumId: 'd' })
  give(16, { albumId: 'd' })
  await eventually(() => expect(handled).toEqual([[1, 2], [3], [4], [5], range(6, 15)]))
  for (const updateId of range(17, 26)) give(updateId, { lane: 'two', albumId: 'e' })
  await eventually(() => expect(handled.at(-1)).toEqual(range(17, 26)))
})

test('each part keeps its album open a little longer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  try {
    const { handled, give } = openLanes({ limits: { albumQuietMs: 700, albumMaxMs: 5_000 } })
    for (const updateId of range(1, 4)) {
      give(updateId, { albumId: 'a' })
      await vi.advanceTimersByTimeAsync(500)
    }
    expect(handled).toEqual([])
    await vi.advanceTimersByTimeAsync(300)
    expect(handled).toEqual([range(1, 4)])
  } finally {
    vi.useRealTimers()
  }
})

test('an album that never falls quiet is handed over at its bound', async () => {
  const { handled, give } = openLanes({ limits: { albumQuietMs: 60_000, albumMaxMs: 30 } })
  give(1, { albumId: 'a' })
  await eventually(() => expect(handled).toEqual([[1]]))
})

test('an album is not torn apart by the bound of its lane', async () => {
  const stuck = gate()
  const { handled, give } = openLanes({
    limits: { maxLaneBuffered: 3, albumQuietMs: 20 },
    attempt: async (item) => {
      if (item.works[0]?.updateId === 1) await stuck.passed
      return { next: 'release' }
    },
  })
  for (const updateId of range(1, 3)) give(updateId)
  for (const updateId of range(4, 8)) give(updateId, { albumId: 'a' })
  give(9)
  for (const updateId of range(10, 14)) give(updateId, { albumId: 'b' })
  stuck.open()
  await eventually(() => expect(handled).toEqual([[1], [2], [3], range(4, 8), [9], range(10, 14)]))
})

test('closing forgets what has not begun and lets the rest end', async () => {
  const stuck = gate()
  const { lanes, claims, handled, give } = openLanes({
    attempt: async () => {
      await stuck.passed
      return { next: 'release' }
    },
  })
  give(1)
  give(2)
  lanes.close()
  expect([claims.has(1), claims.has(2)]).toEqual([true, false])
  give(3)
  expect(claims.has(3)).toBe(false)
  stuck.open()
  await eventually(() => expect(handled).toEqual([[1]]))
  expect([lanes.buffered, lanes.size, claims.has(1)]).toEqual([0, 0, false])
})

test('closing tells the attempt under way, and a retry that it asks for afterwards is left to the inbox', async () => {
  const stuck = gate()
  const signals: AbortSignal[] = []
  const { lanes, claims, give } = openLanes({
    attempt: async (item, signal) => {
      signals.push(signal)
      await stuck.passed
      return { next: 'retry', attempts: item.attempts + 1, inMs: 0 }
    },
  })
  give(1)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  lanes.close()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  stuck.open()
  await eventually(() => expect(claims.has(1)).toBe(false))
  expect([lanes.buffered, lanes.size, signals.length]).toEqual([0, 0, 1])
})

test('closing leaves what waits for its next attempt to the inbox', async () => {
  let attempts = 0
  const { lanes, claims, give } = openLanes({
    attempt: async () => {
      attempts += 1
      return { next: 'retry', attempts, inMs: 60_000 }
    },
  })
  give(1)
  await eventually(() => expect(attempts).toBe(1))
  await new Promise(setImmediate)
  lanes.close()
  expect([claims.has(1), lanes.buffered, lanes.size]).toEqual([false, 0, 0])
})

test('closing while a lane catches up lets go of what the look into the inbox found', async () => {
  const looking = gate()
  let looks = 0
  const { lanes, claims, handled, give } = openLanes({
    limits: { maxLaneBuffered: 5 },
    onLoad: () => {
      looks += 1
      return looking.passed
    },
  })
  for (const updateId of range(1, 9)) give(updateId)
  await eventually(() => expect(looks).toBe(1))
  lanes.close()
  looking.open()
  await eventually(() => expect(lanes.size).toBe(0))
  expect(range(1, 9).filter((updateId) => claims.has(updateId))).toEqual([])
  expect([handled.flat(), lanes.buffered]).toEqual([range(1, 6), 0])
})

test('reopened lanes wait for what the time before left running', async () => {
  const stuck = gate()
  const { lanes, handled, give } = openLanes({
    attempt: async (item) => {
      if (item.works[0]?.updateId === 1) await stuck.passed
      return { next: 'release' }
    },
  })
  give(1)
  lanes.close()
  lanes.open()
  give(2)
  await new Promise(setImmediate)
  expect(handled).toEqual([])
  stuck.open()
  await eventually(() => expect(handled).toEqual([[1], [2]]))
})

test('draining ends what can run and leaves what would have to wait', async () => {
  const { lanes, handled, claims, give } = openLanes({ limits: { albumQuietMs: 60_000, albumMaxMs: 60_000 } })
  for (const updateId of range(1, 20)) give(updateId)
  give(21, { lane: 'two', albumId: 'a' })
  await lanes.drain(3_600_000)
  expect(handled.flat()).toEqual(range(1, 20))
  expect(claims.has(21)).toBe(false)
  expect([lanes.buffered, lanes.size]).toEqual([0, 0])
})

test('draining asks handlers to stop at its deadline', async () => {
  const { lanes, give } = openLanes({
    attempt: (item) =>
      new Promise((resolve) => {
        item.controller = new AbortController()
        item.controller.signal.addEventListener('abort', () => resolve({ next: 'release' }))
      }),
  })
  give(1)
  give(2)
  await lanes.drain(20)
  expect([lanes.buffered, lanes.size]).toEqual([0, 0])
})

test('draining ends what is in memory and leaves what is in the inbox alone', async () => {
  const stuck = gate()
  let looks = 0
  const { lanes, claims, handled, give } = openLanes({
    limits: { maxLaneBuffered: 5, albumQuietMs: 0 },
    attempt: async () => {
      await stuck.passed
      return { next: 'release' }
    },
    onLoad: () => {
      looks += 1
    },
  })
  for (const updateId of range(1, 20)) give(updateId)
  // Three parts fit and one does not: the album has to wait for a time when it can be handled as one.
  for (const updateId of range(31, 33)) give(updateId, { lane: 'two' })
  for (const updateId of range(34, 37)) give(updateId, { lane: 'two', albumId: 'a' })
  const drained = lanes.drain(3_600_000)
  stuck.open()
  await drained
  expect(handled.flat().sort((a, b) => a - b)).toEqual([...range(1, 6), ...range(31, 33)])
  expect([looks, lanes.buffered, lanes.size]).toEqual([0, 0, 0])
  expect([...range(1, 20), ...range(31, 37)].filter((updateId) => claims.has(updateId))).toEqual([])
})
