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

/** Tells the database every few seconds that this process lives and what it is doing. */
export function startHeartbeat({ id, prisma, ingest, botInfo, log, now }: HeartbeatDeps): { stop(): Promise<void> } {
  const startedAt = now()
  async function tell() {
    const { leader, polling, lastPollAt, buffered } = ingest.status()
    const facts = { leader, polling, lastPollAt: lastPollAt?.toISOString() ?? null, buffered }
    const chatUrl = `https://t.me/${botInfo.username}`
    await beat(prisma, { id, startedAt, now: now(), facts: { ...facts, chatUrl } })
  }
  const onError = (error: unknown) => log.warn({ error }, 'the heartbeat could not be written')
  let telling = tell().catch(onError)
  const timer = setInterval(() => {
    telling = tell().catch(onError)
  }, BEAT_EVERY_MS)
  return {
    async stop() {
      clearInterval(timer)
      await telling
      await endBeat(prisma, { id })
    },
  }
}
