/**
 * How the bot process is started, here and in its image. What it holds at once is bounded and small; without these Node
 * lets garbage grow to several times that before it looks. The space for what was just made is large enough that most
 * of a message under way is garbage before anything is moved, which is a fifth of the processor time of a relay.
 */
export const BOT_NODE_ARGS = ['--max-semi-space-size=16', '--max-old-space-size=128'] as const

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
