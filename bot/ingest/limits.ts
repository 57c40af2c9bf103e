/** How patient ingest is. Everything has a default; tests and benchmarks tune. */
export interface IngestLimits {
  /** Updates in memory; at this many polling pauses until there is room again. */
  maxBuffered: number
  /** Updates of one lane in memory; what exceeds it waits in the inbox alone, so that nobody fills the buffer. */
  maxLaneBuffered: number
  /** Updates that may wait in the inbox; beyond it Telegram keeps them. */
  maxOpen: number
  handlerTimeoutMs: number
  /** Failed attempts after which an update is given up. */
  maxAttempts: number
  /** Attempts that ran into the deadline after which an update is given up: each one holds its lane for long. */
  maxTimeouts: number
  retryFirstMs: number
  retryMaxMs: number
  /** An album is complete when no part came for so long … */
  albumQuietMs: number
  /** … or when its first part has waited so long. */
  albumMaxMs: number
  drainMs: number
  /** How long a stop waits for the marks of what was handled; those that are missing are handled again. */
  marksMs: number
  pollTimeoutSeconds: number
  /** How much longer than the poll a silent connection is trusted. */
  pollGraceMs: number
  pollRetryFirstMs: number
  pollRetryMaxMs: number
  conflictRetryMs: number
  unauthorizedRetryMs: number
  leaderRetryMs: number
  heartbeatMs: number
  heartbeatTimeoutMs: number
  sweepMs: number
  pruneMs: number
}

export const defaultLimits: IngestLimits = {
  maxBuffered: 2_000,
  maxLaneBuffered: 50,
  maxOpen: 50_000,
  handlerTimeoutMs: 30_000,
  maxAttempts: 8,
  maxTimeouts: 2,
  retryFirstMs: 1_000,
  retryMaxMs: 30_000,
  albumQuietMs: 700,
  albumMaxMs: 5_000,
  drainMs: 20_000,
  marksMs: 5_000,
  pollTimeoutSeconds: 25,
  pollGraceMs: 10_000,
  // Telegram answers the same offset with a single update when it is asked again within half a second.
  pollRetryFirstMs: 600,
  pollRetryMaxMs: 5_000,
  // A second conflict within three seconds would be answered three seconds late.
  conflictRetryMs: 3_500,
  unauthorizedRetryMs: 30_000,
  leaderRetryMs: 250,
  heartbeatMs: 1_000,
  heartbeatTimeoutMs: 5_000,
  sweepMs: 10_000,
  pruneMs: 60_000,
}
