import 'server-only'
import { getDeps } from '#web/server/deps.ts'

/** How a page of the rail was opened; the other words are for the page that says why it was not. */
type Opened = { status: 'redirect'; url: string } | { status: string; url?: never }

/**
 * Sends whoever follows a link of ours on: to the page that `open` opened, or to the status page, which says why not.
 * When we fail ourselves it goes there too, because that page says so and tries again, where this answer would be blank.
 */
export async function followLink(
  open: () => Promise<Opened>,
  { statusPage }: { statusPage: string },
): Promise<Response> {
  try {
    const opened = await open()
    return seeOther(opened.url ?? `${statusPage}?now=${opened.status}`)
  } catch (error) {
    getDeps().log.error({ err: error }, 'a link could not be followed')
    return seeOther(`${statusPage}?now=unavailable`)
  }
}

/** Each click asks anew; neither browsers nor proxies may remember where the last one led. */
function seeOther(location: string): Response {
  return new Response(null, {
    status: 303,
    headers: { Location: location, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' },
  })
}
