/**
 * How the bot process is started, here and in its image. What it holds at once is bounded and small; without these Node
 * lets garbage grow to several times that before it looks.
 */
export const BOT_NODE_ARGS = ['--max-semi-space-size=4', '--max-old-space-size=128'] as const

/** The C library of Linux keeps freed memory in a pool for every few threads; with two it keeps ten megabytes less. */
export const BOT_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' } as const
