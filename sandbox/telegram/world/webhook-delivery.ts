import type { UpdateQueue } from './update-queue.ts'

const retryMs = 1000

/** Posts updates one after the other to the bot's webhook; what is not answered with 2xx is posted again. */
export class WebhookDelivery {
  private readonly queue: UpdateQueue
  private secret: string | undefined
  private isBusy = false
  private error: { at: number; message: string } | null = null
  private timer: NodeJS.Timeout | null = null

  constructor(queue: UpdateQueue) {
    this.queue = queue
    queue.onPushed = () => this.start()
  }

  set(url: string, secret: string | undefined): void {
    this.queue.webhookUrl = url
    this.secret = secret
    this.error = null
    this.start()
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer)
    this.queue.webhookUrl = ''
  }

  lastError(): Record<string, unknown> {
    if (!this.error) return {}
    return { last_error_date: Math.floor(this.error.at / 1000), last_error_message: this.error.message }
  }

  private start(): void {
    if (this.isBusy || this.queue.webhookUrl === '') return
    this.isBusy = true
    void this.deliver().finally(() => {
      this.isBusy = false
    })
  }

  private async deliver(): Promise<void> {
    for (let update = this.queue.peek(); update && this.queue.webhookUrl !== ''; update = this.queue.peek()) {
      const problem = await this.post(update.json)
      if (problem === null) {
        this.queue.confirm(update.id + 1)
        continue
      }
      this.error = { at: Date.now(), message: problem }
      this.timer = setTimeout(() => this.start(), retryMs)
      return
    }
  }

  private async post(json: string): Promise<string | null> {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (this.secret !== undefined) headers['x-telegram-bot-api-secret-token'] = this.secret
    try {
      const answer = await fetch(this.queue.webhookUrl, {
        method: 'POST',
        headers,
        body: json,
        signal: AbortSignal.timeout(10_000),
      })
      await answer.arrayBuffer()
      return answer.ok ? null : `Wrong response from the webhook: ${answer.status} ${answer.statusText}`
    } catch (error) {
      return error instanceof Error ? error.message : 'Connection failed'
    }
  }
}
