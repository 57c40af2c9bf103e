import { once } from 'node:events'
import { createServer } from 'node:net'

const NEIGHBOURS = 50

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.')
  return address.port
}

/** Whether something could listen on this port now, on the local as well as on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '0.0.0.0'))
}

/** The first free port from here on that is not already promised to somebody. */
export async function nextFreePort(from: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = from; port < from + NEIGHBOURS; port += 1) {
    if (!taken.has(port) && (await isFree(port))) return port
  }
  return freePort()
}

function canListen(port: number, host: string): Promise<boolean> {
  const server = createServer()
  return new Promise((settle) => {
    server.once('error', () => settle(false))
    server.listen(port, host, () => server.close(() => settle(true)))
  })
}
