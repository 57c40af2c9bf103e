import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Pool } from 'undici'

/**
 * A road to Stripe on which moments are translated. The clock of Stripe's stand-in goes forward day by day, the
 * machine's stands still, and the database grows older instead. So whatever Stripe says of time is told as so many
 * days earlier, and whatever it is asked as so many days later; amounts, ids and texts pass untouched.
 */
export interface StripeTime {
  url: string
  /** How far Stripe's clock is ahead of the machine's. */
  aheadSeconds(): number
  /** What Stripe says, in the machine's time. */
  toMachine(said: unknown): unknown
  /** While it works, everybody who asks Stripe waits; afterwards Stripe is that much further ahead. */
  skip(seconds: number, work: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export async function openStripeTime(stripeUrl: string): Promise<StripeTime> {
  const stripe = new Pool(stripeUrl, { connections: 32 })
  let ahead = 0
  let gate = Promise.resolve()
  const server = createServer((request, response) => {
    pass(request, response).catch(() => request.socket.destroy())
  })
  server.keepAliveTimeout = 65_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const toMachine = (said: unknown) => shiftMoments(said, -ahead)

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    await gate
    const [path = '', query] = (request.url ?? '/').split('?')
    const asked = ahead
    const answer = await stripe.request({
      method: request.method ?? 'GET',
      path: query === undefined ? path : `${path}?${shiftParams(query, asked)}`,
      headers: without(request.headers, ['connection', 'host', 'content-length']),
      body: body.length === 0 ? null : shiftParams(body.toString(), asked),
    })
    const text = await answer.body.text()
    response
      .writeHead(answer.statusCode, without(answer.headers, ['connection', 'content-length', 'transfer-encoding']))
      .end(translate(text, asked))
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    aheadSeconds: () => ahead,
    toMachine,
    async skip(seconds, work) {
      const before = gate
      let open = () => {}
      gate = new Promise((resolve) => {
        open = resolve
      })
      await before
      try {
        await work()
        ahead += seconds
      } finally {
        open()
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await stripe.destroy()
    },
  }
}

type Headers = Record<string, string | string[] | undefined>

/** What belongs to one connection is not passed on to the next. */
function without(headers: Headers, names: readonly string[]): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || names.includes(name) ? [] : [[name, value]],
    ),
  )
}

/** Stripe's moments are seconds since 1970. No other number of a shop this small lies between 2017 and 2049. */
const isMoment = (value: number) => Number.isInteger(value) && value > 1_500_000_000 && value < 2_500_000_000

function translate(text: string, ahead: number): string {
  try {
    return JSON.stringify(shiftMoments(JSON.parse(text), -ahead))
  } catch {
    return text
  }
}

function shiftMoments(value: unknown, seconds: number): unknown {
  if (typeof value === 'number') return isMoment(value) ? value + seconds : value
  if (Array.isArray(value)) return value.map((item) => shiftMoments(item, seconds))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shiftMoments(item, seconds)]))
}

/** A form or a query; one without moments stays as it was written. */
function shiftParams(text: string, seconds: number): string {
  const params = new URLSearchParams(text)
  const moments = [...params].filter(([, value]) => /^\d{10}$/.test(value) && isMoment(Number(value)))
  if (moments.length === 0) return text
  for (const [name, value] of moments) params.set(name, String(Number(value) + seconds))
  return params.toString()
}
