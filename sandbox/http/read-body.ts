import type { IncomingMessage } from 'node:http'

/** The whole body of a request, bounded; null if it is larger. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    let first: Buffer | null = null
    let more: Buffer[] | null = null
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) return
      if (!first) first = chunk
      else if (more) more.push(chunk)
      else more = [first, chunk]
    })
    request.on('end', () => {
      if (bytes > maxBytes) resolve(null)
      else resolve(more ? Buffer.concat(more) : (first ?? Buffer.alloc(0)))
    })
    request.on('error', reject)
  })
}
