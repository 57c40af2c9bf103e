/** Reads a body exactly as it was sent, without its end being at the sender's mercy; null when it is longer. */
export async function readTextBody(request: Request, maxBytes: number): Promise<string | null> {
  if (!request.body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  // Leaving the loop cancels the rest of the stream.
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
