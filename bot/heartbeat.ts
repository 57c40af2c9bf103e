import type { UserFromGetMe } from 'grammy/types'
import type { Logger } from 'pino'
import type { BotConfig } from '#bot/config.ts'
import type { Ingest } from '#bot/ingest/ingest.ts'
import { beat, endBeat } from '#core/health/heartbeat.ts'
import type { PrismaClient } from '#prisma'

interface HeartbeatDeps {
  id: string
  prisma: PrismaClient
  ingest: Ingest
  botInfo: UserFromGetMe
  config: BotConfig
  log: Logger
  now: () => Date
}

const BEAT_EVERY_MS = 5_000
/** While this process does not poll yet, whoever waits for it wants to know soon. */
const FIRST_BEATS_EVERY_MS = 300

/** Tells the database every few seconds that this process lives and what it is doing. */
export function startHeartbeat({ id, prisma, ingest, botInfo, log, now }: HeartbeatDeps): { stop(): Promise<void> } {
  // Telegram has just told who the bot is; the first poll may be held open for long when nobody writes.
  const startedAt = now()
  const chatUrl = `https://t.me/${botInfo.username}`
  let timer: NodeJS.Timeout
  let telling = Promise.resolve()
  let isStopped = false

  async function tell() {
    const { leader, polling, lastPollAt, buffered } = ingest.status()
    const answeredAt = lastPollAt ?? (polling ? startedAt : null)
    const facts = { leader, polling, lastPollAt: answeredAt?.toISOString() ?? null, buffered, chatUrl }
    await beat(prisma, { id, startedAt, now: now(), facts }).catch((error: unknown) =>
      log.warn({ error }, 'the heartbeat could not be written'),
    )
    if (!isStopped) timer = setTimeout(next, polling ? BEAT_EVERY_MS : FIRST_BEATS_EVERY_MS)
  }
  function next() {
    telling = tell()
  }

  next()
  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await telling
      await endBeat(prisma, { id })
    },
  }
}
