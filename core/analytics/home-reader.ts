import { countUsers } from '#core/analytics/count-users.ts'
import { type DayFigures, listDayFigures } from '#core/analytics/day-figures.ts'
import { type Activity, listActivity } from '#core/analytics/list-activity.ts'
import { listTroubles, type Troubles } from '#core/analytics/list-troubles.ts'
import { type Queue, type QueueName, readQueues } from '#core/analytics/read-queues.ts'
import { readSetup, type Setup } from '#core/analytics/read-setup.ts'
import { readToday, type Today } from '#core/analytics/read-today.ts'
import { remembered } from '#core/analytics/remembered.ts'
import { listWaiting, readWaiting, type WaitingConversation, type WaitingSummary } from '#core/analytics/waiting.ts'
import type { Db } from '#core/db.ts'
import { HOUR_MS } from '#core/durations.ts'
import { type BotFacts, listBotFacts } from '#core/health/heartbeat.ts'
import { type Health, readHealth } from '#core/health/read-health.ts'

/** Everything that the home page shows, as of `at`. */
export interface Home {
  at: Date
  currency: string
  today: Today
  history: DayFigures[]
  users: { count: number; exact: boolean }
  waiting: WaitingSummary & { oldest: WaitingConversation[] }
  queues: Record<QueueName, Queue>
  health: Health
  troubles: Troubles
  activity: Activity[]
  setup: Setup
  bot: BotFacts | null
}

export interface HomeReader {
  read(now: Date): Promise<Home>
}

/**
 * Past days are closed; they are read again each hour all the same, for what was given back since. Of a big shop that
 * takes seconds, for which nobody has to wait.
 */
const HISTORY_AGE_MS = HOUR_MS
const HISTORY_DAYS = 13
const USERS_AGE_MS = 30_000
/** Up to here users are counted anew each time, or the first ones would be "0 users, 3 new today" for a while. */
const QUICKLY_COUNTED_USERS = 10_000
/** Many open pages ask at the same moment when something changed; they share one answer. */
const HOME_AGE_MS = 400
const BOT_SEEN_WITHIN_MS = HOUR_MS
const WAITING_SHOWN = 6
const TROUBLES_SHOWN = 6
const ACTIVITY_SHOWN = 15

/** Reads the home page in a fixed number of queries, and the dear ones of them (whole past days, counts) rarely. */
export function createHomeReader(
  db: Db,
  { currency, migrations = [] }: { currency: string; migrations?: readonly string[] },
): HomeReader {
  const history = remembered(HISTORY_AGE_MS, (now) => listDayFigures(db, { now, days: HISTORY_DAYS, currency }), {
    oldMeanwhile: true,
  })
  const users = remembered(USERS_AGE_MS, () => countUsers(db))
  const home = remembered(HOME_AGE_MS, readHome)

  async function usersNow(now: Date): Promise<Home['users']> {
    const known = await users(now)
    return known.count > QUICKLY_COUNTED_USERS ? known : countUsers(db)
  }

  async function readHome(now: Date): Promise<Home> {
    const bots = listBotFacts(db, { now, withinMs: BOT_SEEN_WITHIN_MS })
    const [today, past, count, waiting, oldest, queues, health, troubles, activity, [bot]] = await Promise.all([
      readToday(db, { now, currency }),
      history(now),
      usersNow(now),
      readWaiting(db, { now }),
      listWaiting(db, { limit: WAITING_SHOWN }),
      readQueues(db),
      readHealth(db, { now, expectBot: true, migrations }),
      listTroubles(db, { limit: TROUBLES_SHOWN }),
      listActivity(db, { limit: ACTIVITY_SHOWN }),
      bots,
    ])
    const facts = bot?.facts ?? null
    return {
      at: now,
      currency,
      today,
      history: past,
      users: count,
      waiting: { ...waiting, oldest },
      queues,
      health,
      troubles,
      activity,
      setup: await readSetup(db, { groupSeen: facts?.groupConnected ?? false }),
      bot: facts,
    }
  }

  return { read: home }
}
