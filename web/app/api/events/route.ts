import { authorizedRoute } from '#web/server/authorized.ts'
import { streamEvents } from '#web/server/stream-events.ts'

/** Tells an open page when to look again. */
export const GET = authorizedRoute('viewer', async (session, request) => streamEvents(session.id, request.signal))
