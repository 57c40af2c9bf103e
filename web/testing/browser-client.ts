interface Sent {
  method?: string
  body?: URLSearchParams | string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** A browser as far as the server can tell: keeps cookies, sends its Origin, follows nothing by itself. */
export interface BrowserClient {
  readonly cookies: ReadonlyMap<string, string>
  get(path: string, init?: { signal?: AbortSignal }): Promise<Response>
  post(path: string, body: URLSearchParams | string, headers?: Record<string, string>): Promise<Response>
}

export function createBrowserClient(url: string, origin = url): BrowserClient {
  const cookies = new Map<string, string>()

  async function send(path: string, init: Sent): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie ? { cookie } : {}), ...init.headers }
    const response = await fetch(url + path, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (pair.slice(at + 1) === '') cookies.delete(pair.slice(0, at))
      else cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }

  return {
    cookies,
    get: (path, init = {}) => send(path, init),
    post: (path, body, headers = {}) => send(path, { method: 'POST', body, headers: { origin, ...headers } }),
  }
}

/** What the button of the sign-in page does: true when it led to a session. */
export async function useLink(client: BrowserClient, secret: string): Promise<boolean> {
  const { csrfToken } = (await (await client.get('/api/auth/csrf')).json()) as { csrfToken: string }
  const form = new URLSearchParams({ csrfToken, token: secret, json: 'true', callbackUrl: '/' })
  const response = await client.post('/api/auth/callback/one-time-link', form)
  return response.ok && [...client.cookies.keys()].some((name) => name.endsWith('paydesk-session'))
}
