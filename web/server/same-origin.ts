/**
 * Whether a request that changes something was sent by one of our own pages: its Origin is the public address, or the
 * very host it was sent to. Browsers always send Origin with such requests; without one it is refused.
 */
export function isSameOrigin(headers: Headers, publicUrl: string): boolean {
  const origin = headers.get('origin')
  if (origin === null || !URL.canParse(origin)) return false
  if (origin === new URL(publicUrl).origin) return true
  return new URL(origin).host === headers.get('host')
}
