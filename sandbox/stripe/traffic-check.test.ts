import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkTraffic } from './traffic-check.ts'
import { createTrafficLog } from './traffic-log.ts'

test('the traffic check finds a wrong request, a wrong answer and a wrong event', async () => {
  const folder = process.env.WIRE_VALIDATORS
  if (!folder) {
    console.info('note: WIRE_VALIDATORS names no folder, so the traffic check itself was not tried')
    return
  }
  const directory = await mkdtemp(join(tmpdir(), 'stripe-traffic-'))
  const path = join(directory, 'traffic.jsonl')
  const log = createTrafficLog(path)
  const call = { method: 'POST', path: '/v1/customers', status: 200 }
  log({ kind: 'request', ...call, body: 'emial=x', idempotency_key: null })
  log({ kind: 'response', ...call, response: { id: 'cus_1', object: 'customer' } })
  await appendFile(path, `${JSON.stringify({ kind: 'event', event: { id: 'evt_1', type: 'customer.baked' } })}\n`)
  const { checked, problems } = await checkTraffic(path, folder)
  await rm(directory, { recursive: true })
  expect(checked).toBe(3)
  expect(problems).toEqual(
    expect.arrayContaining([
      expect.stringContaining('request POST /v1/customers: emial'),
      expect.stringContaining('response POST /v1/customers: metadata'),
      expect.stringContaining('event customer.baked: type unknown event type'),
    ]),
  )
})
