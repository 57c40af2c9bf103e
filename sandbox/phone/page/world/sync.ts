import type { TimelineEntry } from '#sandbox/stripe/control-types.ts'
import type { WorldEvent } from '#sandbox/telegram/control-types.ts'
import type { Setup } from '../../setup.ts'
import { enter } from './entrance.ts'
import { recallDone } from './guide-progress.ts'
import { onStripe, onTelegram } from './happenings.ts'
import { loadAll } from './refresh.ts'
import { getState, setState } from './store.ts'

const RETRY_AFTER_MS = 1_500
/** So many past events are told to somebody who opens the page in the middle of things. */
const TOLD_AFTERWARDS = 600

let streams: EventSource[] = []
let retry: ReturnType<typeof setTimeout> | undefined
/** The last event that was told; null before the first look. */
let toldUpTo: number | null = null

/** Keeps the page like the world: loads everything once, then follows the event streams; begins anew when one breaks. */
export async function connect(): Promise<void> {
  clearTimeout(retry)
  closeStreams()
  if (getState().connection === 'lost') setState({ connection: 'connecting' })
  try {
    const setup = (await (await fetch('/setup.json')).json()) as Setup
    setState((now) => ({ setup, guideDone: recallDone(setup.worldId), ...(now.personId ? {} : enter(setup)) }))
    followStripe()
    // What happens between the first look and the stream's beginning would be seen by neither.
    await new Promise<void>(followTelegram)
    await loadAll()
    setState({ connection: 'live' })
  } catch {
    lost()
  }
}

function lost(): void {
  closeStreams()
  setState({ connection: 'lost' })
  clearTimeout(retry)
  retry = setTimeout(() => void connect(), RETRY_AFTER_MS)
}

function closeStreams(): void {
  for (const stream of streams) stream.close()
  streams = []
}

function open(url: string): EventSource {
  const stream = new EventSource(url)
  stream.addEventListener('error', lost)
  streams.push(stream)
  return stream
}

/** The stream first says how far the world is; then it is opened from where this page has stopped listening. */
function followTelegram(onOpen: () => void): void {
  const first = open('/telegram/control/events')
  first.addEventListener('open', (opened) => {
    if (!(opened instanceof MessageEvent)) return
    first.close()
    const last = Number(opened.data)
    onOpen()
    // A stand-in that counts from the beginning again is a new one.
    const since = toldUpTo === null || toldUpTo > last ? Math.max(0, last - TOLD_AFTERWARDS) : toldUpTo
    const stream = open(`/telegram/control/events?since=${since}`)
    stream.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as WorldEvent
      toldUpTo = event.seq
      onTelegram(event, event.seq <= last)
      if (event.type === 'reset') void connect()
    })
  })
}

function followStripe(): void {
  const stream = open('/stripe/control/events')
  stream.addEventListener('message', ({ data }: MessageEvent<string>) => onStripe(JSON.parse(data) as TimelineEntry))
}
