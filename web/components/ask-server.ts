/**
 * Whether anybody answers at this address. Ask before `router.refresh()`: one that reaches nobody makes Next leave the
 * page for the browser's own error page, from which nothing comes back by itself.
 */
export async function serverAnswers(): Promise<boolean> {
  return (await statusOf('/robots.txt', 'HEAD')) === 200
}

/** How the server answers to a request, of which no more is read; null when nobody answers. */
export async function statusOf(path: string, method: 'GET' | 'HEAD'): Promise<number | null> {
  const hangUp = new AbortController()
  try {
    const { status } = await fetch(path, { method, cache: 'no-store', signal: hangUp.signal })
    return status
  } catch {
    return null
  } finally {
    hangUp.abort()
  }
}
