import { serverAnswers, statusOf } from '#web/components/ask-server.ts'

const EVENTS = '/api/events'
const REFRESH_SPACING_MS = 2_000
/** Ages and lags move also when nothing happens. */
const REFRESH_AT_LEAST_EVERY_MS = 30_000
const REOPEN_AFTER_MS = 2_000

interface Page {
  /** Asks the server for the page and shows the answer. */
  redraw(): void
  /** Whether the server can be heard; told whenever it may have changed. */
  onHearing(hears: boolean): void
  /** The session has ended. */
  onSignedOut(): void
}

/**
 * Hears from the server that something changed and draws the page anew, at most every two seconds and not while nobody
 * looks. When the server cannot be heard, leaves what is shown, and tries until it can. Goes on until the returned
 * function is called.
 */
export function followServer(page: Page): () => void {
  const follower = new Follower(page)
  follower.start()
  return () => follower.stop()
}

class Follower {
  private events: EventSource | undefined
  private hears = false
  private lastAt = Date.now()
  private refreshing: ReturnType<typeof setTimeout> | undefined
  private reopening: ReturnType<typeof setTimeout> | undefined
  private interval: ReturnType<typeof setInterval> | undefined
  private isOver = false

  constructor(private readonly page: Page) {}

  start(): void {
    this.open()
    this.interval = setInterval(this.refreshIfHeard, REFRESH_AT_LEAST_EVERY_MS)
    document.addEventListener('visibilitychange', this.refreshIfHeard)
  }

  stop(): void {
    this.isOver = true
    this.events?.close()
    clearTimeout(this.refreshing)
    clearTimeout(this.reopening)
    clearInterval(this.interval)
    document.removeEventListener('visibilitychange', this.refreshIfHeard)
  }

  private open(): void {
    if (this.isOver) return
    const events = new EventSource(EVENTS)
    this.events = events
    events.addEventListener('changed', () => {
      this.become(true)
      this.refresh()
    })
    events.addEventListener('stale', () => this.become(false))
    events.addEventListener('signed-out', () => this.page.onSignedOut())
    events.addEventListener('error', () => {
      this.become(false)
      // The browser comes back by itself after a break, but not when it is refused.
      if (events.readyState === EventSource.CLOSED) this.reopenSoon()
    })
  }

  private reopenSoon(): void {
    if (this.isOver) return
    this.become(false)
    this.events?.close()
    clearTimeout(this.reopening)
    this.reopening = setTimeout(() => void this.reopen(), REOPEN_AFTER_MS)
  }

  private async reopen(): Promise<void> {
    const status = await statusOf(EVENTS, 'GET')
    if (status === 200) return this.open()
    // The page itself says why somebody is not let in any more.
    const isRefused = status === 401 || status === 403
    if (!isRefused || !(await this.redraw())) this.reopenSoon()
  }

  private readonly refreshIfHeard = () => {
    if (this.hears) this.refresh()
  }

  private refresh(): void {
    if (document.visibilityState === 'hidden' || this.refreshing) return
    const waitMs = Math.max(0, this.lastAt + REFRESH_SPACING_MS - Date.now())
    this.refreshing = setTimeout(() => void this.refreshNow(), waitMs)
  }

  private async refreshNow(): Promise<void> {
    this.refreshing = undefined
    this.lastAt = Date.now()
    // Once nothing is heard, an answer could only be an error: better to keep what is shown.
    if (this.hears && !(await this.redraw())) this.reopenSoon()
  }

  /** False when nobody answered; then nothing was drawn. */
  private async redraw(): Promise<boolean> {
    const answers = await serverAnswers()
    if (answers && !this.isOver) this.page.redraw()
    return answers
  }

  private become(hears: boolean): void {
    this.hears = hears
    this.page.onHearing(hears)
  }
}
