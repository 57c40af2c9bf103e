import { startTestServer } from './server.ts'

/** Vitest's global set-up: the workers inherit where the server is through the environment. */
export async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer()
  return () => server.stop()
}
