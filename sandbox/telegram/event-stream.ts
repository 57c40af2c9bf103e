import type { WorldEvent } from './control-types.ts'

type Listener = (event: WorldEvent) => void

/** The stand-in's event stream as a client: opened by the first listener, shared by all. */
export class EventStream {
  private readonly url: string
  private readonly listeners = new Set<Listener>()
  private readonly abort = new AbortController()
  private opening: Promise<void> | null = null
  private reading: Promise<void> = Promise.resolve()

  constructor(url: string) {
    this.url = url
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener)
    this.open().catch(() => this.listeners.delete(listener))
    return () => this.listeners.delete(listener)
  }

  /** Resolves once the stream is open, so that no later event is missed. */
  async watch(listener: Listener, since?: number): Promise<() => void> {
    await this.open()
    this.listeners.add(listener)
    if (since !== undefined) await this.replay(listener, since)
    return () => this.listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.listeners.clear()
    this.abort.abort()
    await this.reading
  }

  private open(): Promise<void> {
    this.opening ??= new Promise((resolve, reject) => {
      const deliver = (event: WorldEvent) => {
        for (const listener of this.listeners) listener(event)
      }
      this.reading = this.read(this.url, this.abort.signal, () => resolve(), deliver)
        .catch(reject)
        .finally(() => {
          // A stream that ended is opened anew by the next listener.
          this.opening = null
        })
    })
    return this.opening
  }

  private async replay(listener: Listener, since: number): Promise<void> {
    const own = new AbortController()
    let last = Number.POSITIVE_INFINITY
    const done = () => own.abort()
    await this.read(
      `${this.url}?since=${since}`,
      own.signal,
      (openedAt) => {
        last = openedAt
        if (since >= last) done()
      },
      (event) => {
        if (event.seq <= last) listener(event)
        if (event.seq >= last) done()
      },
    )
  }

  private async read(
    url: string,
    signal: AbortSignal,
    onOpen: (lastSeq: number) => void,
    onEvent: Listener,
  ): Promise<void> {
    try {
      const response = await fetch(url, { signal })
      if (!response.body) throw new Error('the event stream has no body')
      let rest = ''
      for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + text).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) handleBlock(block, onOpen, onEvent)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}

function handleBlock(block: string, onOpen: (lastSeq: number) => void, onEvent: Listener): void {
  const data = /^data: (.*)$/m.exec(block)?.[1]
  if (data === undefined) return
  if (block.startsWith('event: open')) onOpen(Number(data))
  else onEvent(JSON.parse(data) as WorldEvent)
}
