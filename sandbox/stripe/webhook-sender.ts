import { createHmac } from 'node:crypto'
import { Agent, request } from 'undici'

export type SendResult = { status: number | null; error: string | null }

/** The signature header over the exact body, for the moment it is sent. */
function signatureHeader(payload: string, secret: string, atSeconds: number): string {
  const v1 = createHmac('sha256', secret).update(`${atSeconds}.${payload}`, 'utf8').digest('hex')
  return `t=${atSeconds},v1=${v1}`
}

/** Posts signed payloads. Redirects count as failures, as they do with the real sender. */
export class WebhookSender {
  private readonly agent = new Agent({ connections: 64 })

  async send(input: {
    url: string
    secret: string
    payload: string
    atSeconds: number
    timeoutMs: number
  }): Promise<SendResult> {
    try {
      const response = await request(input.url, {
        method: 'POST',
        dispatcher: this.agent,
        signal: AbortSignal.timeout(input.timeoutMs),
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
          'stripe-signature': signatureHeader(input.payload, input.secret, input.atSeconds),
        },
        body: input.payload,
      })
      await response.body.dump()
      return { status: response.statusCode, error: null }
    } catch (error) {
      return { status: null, error: error instanceof Error ? error.message : String(error) }
    }
  }

  close(): Promise<void> {
    return this.agent.destroy()
  }
}
