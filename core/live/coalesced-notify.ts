import type { Sql } from '#core/db.ts'
import { type Channel, channels } from '#core/live/notify.ts'

interface Options {
  channel: Channel
  everyMs: number
  onError: (error: unknown) => void
}

/**
 * Wakes the listeners of a channel at most once per interval, however often something happens: every commit with a
 * notification takes a lock that all such commits share. The first call of a quiet time is heard at once.
 */
export function createCoalescedNotify(sql: Sql, { channel, everyMs, onError }: Options): () => void {
  let isQuiet = true
  let isDue = false

  function send() {
    isQuiet = false
    isDue = false
    sql.query({ text: 'SELECT pg_notify($1, $2)', values: [channels[channel], ''] }).catch(onError)
    setTimeout(() => {
      isQuiet = true
      if (isDue) send()
    }, everyMs).unref()
  }

  return () => {
    if (isQuiet) send()
    else isDue = true
  }
}
