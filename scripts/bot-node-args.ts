/**
 * How the bot process is started, here and in its image. What it holds at once is bounded and small; without these Node
 * lets garbage grow to several times that before it looks.
 */
export const BOT_NODE_ARGS = ['--max-semi-space-size=8', '--max-old-space-size=128'] as const
