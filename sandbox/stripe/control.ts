import type { StripeControl, TimelineEntry } from './control-types.ts'

export type StripeControlClient = StripeControl & {
  /** Reads `GET /control/events` until the signal aborts. */
  readTimeline(onEntry: (entry: TimelineEntry) => void, signal: AbortSignal): Promise<void>
}

/**
 * A client for the stand-in's control verbs, for another process.
 * Each call is `POST <url>/control/<verb>` with one JSON object; a refused call throws with the server's sentence.
 */
export function createStripeControl(url: string): StripeControlClient {
  const base = url.replace(/\/$/, '')
  const call = async (verb: string, input: unknown): Promise<unknown> => {
    const response = await fetch(`${base}/control/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input ?? {}),
    })
    const text = await response.text()
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    if (!response.ok) throw new Error(`${verb}: ${sentenceOf(body) ?? response.status}`)
    return body
  }
  const readTimeline: StripeControlClient['readTimeline'] = (onEntry, signal) =>
    readServerSentEvents(`${base}/control/events`, signal, (data) => onEntry(JSON.parse(data) as TimelineEntry))
  // The verbs are exactly the methods of StripeControl, so one handler serves them all. `then` must stay undefined,
  // or awaiting the client would call it.
  return new Proxy({} as StripeControlClient, {
    get: (_target, verb) => {
      if (typeof verb !== 'string' || verb === 'then') return undefined
      if (verb === 'readTimeline') return readTimeline
      return (input: unknown) => call(verb, input)
    },
  })
}

function sentenceOf(body: unknown): string | undefined {
  const error = (body as { error?: { message?: unknown } } | undefined)?.error
  return typeof error?.message === 'string' ? error.message : undefined
}

async function readServerSentEvents(url: string, signal: AbortSignal, onData: (data: string) => void): Promise<void> {
  try {
    const response = await fetch(url, { signal, headers: { accept: 'text/event-stream' } })
    if (!response.body) throw new Error(`no stream at ${url}`)
    let rest = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const line = block.split('\n').find((candidate) => candidate.startsWith('data: '))
        if (line) onData(line.slice('data: '.length))
      }
    }
  } catch (error) {
    // Aborting is how a reader stops; anything else is news.
    if (!signal.aborted) throw error
  }
}
