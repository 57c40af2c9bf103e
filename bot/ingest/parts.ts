import type { Update } from 'grammy/types'
import { attemptItem } from '#bot/ingest/attempt.ts'
import { Claims } from '#bot/ingest/claims.ts'
import { DoneMarker } from '#bot/ingest/done-marker.ts'
import { Lanes } from '#bot/ingest/lanes.ts'
import { defaultLimits } from '#bot/ingest/limits.ts'
import type { IngestAlert, IngestDeps, IngestStatus } from '#bot/ingest/ports.ts'
import type { AllowedUpdates } from '#bot/ingest/supplier.ts'
import { persist } from '#bot/patience.ts'
import { listOpenUpdates } from '#core/inbox/list-open-updates.ts'

const defaultAllowedUpdates: NonNullable<AllowedUpdates> = [
  'message',
  'edited_message',
  'callback_query',
  'my_chat_member',
  'message_reaction',
  'pre_checkout_query',
  'subscription',
]

/** Puts together what outlives the terms of leadership. */
export function assembleParts(deps: IngestDeps) {
  const limits = { ...defaultLimits, ...deps.limits }
  const { sql, botId, log } = deps
  const alert: IngestAlert = async (trouble) => {
    try {
      await deps.alert(trouble)
    } catch (err) {
      log.error({ err, trouble }, 'an alert could not be raised')
    }
  }
  const onGivenUp = async (updates: Update[]) => {
    try {
      await deps.onGivenUp?.(updates)
    } catch (err) {
      log.error({ err }, 'the sender of an update that was given up could not be told')
    }
  }
  const claims = new Claims()
  const marker = new DoneMarker({ sql, botId, claims, log })
  const lanes = new Lanes({
    limits,
    claims,
    attempt: (item, signal) =>
      attemptItem({ sql, botId, handle: deps.handle, marker, log, alert, onGivenUp, limits }, item, signal),
    loadMore: (lane, afterUpdateId, limit, signal) =>
      persist(() => listOpenUpdates(sql, { botId, afterUpdateId, limit, lane }), {
        signal,
        onError: (err) => log.warn({ err, lane }, 'the rest of a lane could not be fetched yet'),
      }),
  })
  const state: Pick<IngestStatus, 'polling' | 'lastPollAt' | 'problem'> = {
    polling: false,
    lastPollAt: null,
    problem: null,
  }
  return {
    sql,
    api: deps.api,
    botId,
    log,
    alert,
    limits,
    claims,
    marker,
    lanes,
    state,
    takeUrgent: deps.takeUrgent ?? (() => false),
    allowedUpdates: deps.allowedUpdates ?? defaultAllowedUpdates,
    now: deps.now ?? (() => new Date()),
  }
}

export type IngestParts = ReturnType<typeof assembleParts>
