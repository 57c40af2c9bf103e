/**
 * How the bot process is started, here and in its image. What it holds at once is bounded and small; without these Node
 * lets garbage grow to several times that before it looks. Twice the space for what was just made is faster still, but
 * does not stay below 200 MB when the process comes back to a backlog.
 */
export const BOT_NODE_ARGS = ['--max-semi-space-size=8', '--max-old-space-size=128'] as const

/**
 * The C library of Linux keeps freed memory in a pool for every few threads, and raises the size from which on memory
 * is given back to whatever was freed last, such as the program's text at start. Two pools and a fixed size keep thirty
 * megabytes less.
 */
export const BOT_ENVIRONMENT = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '262144',
  MALLOC_TRIM_THRESHOLD_: '8388608',
} as const
