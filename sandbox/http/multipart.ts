export interface Part {
  name: string
  fileName: string | null
  mimeType: string
  bytes: Buffer
}

/** The parts of a multipart/form-data body; null if it is malformed. */
export function readMultipart(body: Buffer, contentType: string): Part[] | null {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return null
  const mark = Buffer.from(`--${boundary}`)
  const parts: Part[] = []
  let at = body.indexOf(mark)
  while (at >= 0) {
    const start = at + mark.length
    if (body.subarray(start, start + 2).toString() === '--') return parts
    const headersEnd = body.indexOf('\r\n\r\n', start)
    const next = body.indexOf(mark, start)
    if (headersEnd < 0 || next < 0 || headersEnd > next) return null
    const headers = body.subarray(start, headersEnd).toString()
    const name = /(?:^|[;\s])name="([^"]*)"/i.exec(headers)?.[1]
    if (name === undefined) return null
    parts.push({
      name,
      fileName: /filename="?([^"\r\n;]*)"?/i.exec(headers)?.[1] ?? null,
      mimeType: /content-type:\s*([^\r\n]+)/i.exec(headers)?.[1] ?? 'application/octet-stream',
      bytes: body.subarray(headersEnd + 4, next - 2),
    })
    at = next
  }
  return null
}
