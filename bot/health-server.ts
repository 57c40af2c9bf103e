import { createServer, type Server } from 'node:http'
import type { Health } from '#core/health/read-health.ts'

/** Answers platforms on `GET /health`: 200 when all is well, 503 with the reasons otherwise. */
export async function startHealthServer(port: number, read: () => Promise<Health>): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/health') {
      response.writeHead(404).end()
      return
    }
    read().then(
      (health) => {
        response.writeHead(health.well ? 200 : 503, { 'content-type': 'application/json' })
        response.end(JSON.stringify(health))
      },
      () => response.writeHead(503).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, resolve)
  })
  return server
}
