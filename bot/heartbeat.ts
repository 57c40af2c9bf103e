import type { Api } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import type { Logger } from 'pino'
import type { BotConfig } from '#bot/config.ts'
import type { Ingest } from '#bot/ingest/ingest.ts'
import { resolveAlert } from '#core/alerts/raise-alert.ts'
import { beat, endBeat } from '#core/health/heartbeat.ts'
import type { PrismaClient } from '#prisma'

interface HeartbeatDeps {
  id: string
  prisma: PrismaClient
  ingest: Ingest
  api: Api
  botInfo: UserFromGetMe
  config: BotConfig
  log: Logger
  now: () => Date
}

const BEAT_EVERY_MS = 5_000
/** While this process does not poll yet, whoever waits for it wants to know soon. */
const FIRST_BEATS_EVERY_MS = 300
const LOOK_AT_GROUP_EVERY_MS = 60_000

/** Tells the database every few seconds that this process lives and what it is doing. */
export function startHeartbeat(deps: HeartbeatDeps): { stop(): Promise<void> } {
  const { id, prisma, ingest, botInfo, config, log, now } = deps
  // Telegram has just told who the bot is; the first poll may be held open for long when nobody writes.
  const startedAt = now()
  const chatUrl = `${config.telegramLinkRoot}/${botInfo.username}`
  const group = watchGroup(deps)
  const onError = (error: unknown) => log.warn({ error }, 'the heartbeat could not be written')
  let timer: NodeJS.Timeout
  let telling = Promise.resolve()
  let isStopped = false
  // Alerts of an earlier life of this process count too.
  let isTroubled = true

  async function tell() {
    const { leader, polling, lastPollAt, buffered, problem } = ingest.status()
    const answeredAt = lastPollAt ?? (polling ? startedAt : null)
    const facts = {
      leader,
      polling,
      lastPollAt: answeredAt?.toISOString() ?? null,
      buffered,
      chatUrl,
      groupConnected: await group(),
    }
    await beat(prisma, { id, startedAt, now: now(), facts }).catch(onError)
    isTroubled = await settleTrouble(isTroubled, polling && problem === null)
    if (!isStopped) timer = setTimeout(next, polling ? BEAT_EVERY_MS : FIRST_BEATS_EVERY_MS)
  }
  async function settleTrouble(was: boolean, isWell: boolean): Promise<boolean> {
    if (!was || !isWell) return !isWell
    for (const key of ['telegram.conflict', 'telegram.unauthorized']) await resolveAlert(prisma, { key }).catch(onError)
    return false
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

/** Whether the bot is in its group and the group has topics; asked now and then, because nobody tells. */
function watchGroup({ api, config, now, prisma, log }: HeartbeatDeps): () => Promise<boolean> {
  const onError = (error: unknown) => log.warn({ error }, 'an alert could not be resolved')
  let known = { at: 0, isConnected: false }
  let isComplainedOf = false
  const complain = (error?: unknown) => {
    if (!isComplainedOf) log.warn({ error }, 'the bot sees no group with topics in ADMIN_GROUP_ID')
    isComplainedOf = true
  }
  return async () => {
    const age = now().getTime() - known.at
    if (age < LOOK_AT_GROUP_EVERY_MS) return known.isConnected
    const isConnected = await api.getChat(config.adminGroupId).then(
      (chat) => {
        const isForum = chat.type === 'supergroup' && chat.is_forum === true
        if (!isForum) complain()
        return isForum
      },
      (error: unknown) => {
        complain(error)
        return false
      },
    )
    if (isConnected) isComplainedOf = false
    if (isConnected && !known.isConnected) {
      // The right id of the group is in the configuration by now, if it was not.
      for (const key of ['group:migrated', 'topic:elsewhere']) await resolveAlert(prisma, { key }).catch(onError)
    }
    known = { at: now().getTime(), isConnected }
    return isConnected
  }
}
