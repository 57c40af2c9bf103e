import type { Params } from '../schema/read-params.ts'

/** One request of the bot, with what it uploaded. */
export interface Call {
  params: Params
  /** Uploads of a multipart request by field name. */
  uploads: Map<string, Upload>
  /** Tells when the caller hung up while its request was held. */
  onGone: (left: () => void) => void
}

export interface Upload {
  fileName: string
  mimeType: string
  bytes: Buffer
}
