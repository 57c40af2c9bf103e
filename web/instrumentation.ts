import type { Instrumentation } from 'next'

/** At start: a wrong configuration ends the process here, and past days are read before anybody waits for them. */
export async function register(): Promise<void> {
  const { startServer } = await import('#web/server/start-server.ts')
  startServer()
}

/** Errors that pages, routes and actions did not expect. Addresses are logged without their query: it may hold secrets. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  const { getDeps } = await import('#web/server/deps.ts')
  getDeps().log.error({ err: error, path: request.path.split('?')[0], route: context.routePath }, 'a request failed')
}
