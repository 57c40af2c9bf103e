import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startHealthServer } from '#bot/health-server.ts'
import type { Health } from '#core/health/read-health.ts'

async function serve(read: () => Promise<Health>) {
  const server = await startHealthServer(0, read)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, ask: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init) }
}

test('a platform that asks for the health is told by the status whether all is well, and what is not', async () => {
  const parts = [{ part: 'poller' as const, well: false, detail: 'does not poll' }]
  let health: Health = { well: true, parts: [] }
  const { ask } = await serve(async () => health)
  expect((await ask('/health')).status).toBe(200)
  health = { well: false, parts }
  const answer = await ask('/health?from=platform')
  expect([answer.status, await answer.json()]).toEqual([503, { well: false, parts }])
})

test('a health that cannot be read is not well', async () => {
  const { ask } = await serve(() => Promise.reject(new Error('no database')))
  expect((await ask('/health')).status).toBe(503)
})

test('nothing else is there', async () => {
  const { ask } = await serve(async () => ({ well: true, parts: [] }))
  expect((await ask('/')).status).toBe(404)
  expect((await ask('/health', { method: 'POST' })).status).toBe(404)
})

test('a port that somebody else has is said at once', async () => {
  const { port } = await serve(async () => ({ well: true, parts: [] }))
  await expect(startHealthServer(port, async () => ({ well: true, parts: [] }))).rejects.toThrow('EADDRINUSE')
})
