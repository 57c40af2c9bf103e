import { tellTeam } from '#core/alerts/tell-team.ts'
import type { Db } from '#core/db.ts'
import type { Severity } from '#prisma'

interface Trouble {
  /** Names the kind of trouble; the same key is one alert, however often it happens. */
  key: string
  severity: Severity
  title: string
  detail: string
}

/**
 * Records trouble and tells the team once per kind: again only after somebody resolved it or a day has passed.
 * Safe to call as often as the trouble occurs.
 */
export async function raiseAlert(db: Db, { key, severity, title, detail }: Trouble): Promise<void> {
  const rows = await db.$queryRaw<{ is_news: boolean }[]>`
    INSERT INTO alerts AS a (key, severity, title, detail) VALUES (${key}, ${severity}::severity, ${title}, ${detail})
    ON CONFLICT (key) DO UPDATE SET
      severity = excluded.severity, title = excluded.title, detail = excluded.detail, resolved_at = NULL,
      count = CASE WHEN a.resolved_at IS NULL THEN a.count + 1 ELSE 1 END,
      first_at = CASE WHEN a.resolved_at IS NULL AND a.first_at > now() - interval '1 day' THEN a.first_at ELSE now() END,
      -- Never the same instant as the first, which is how news is told from a repetition.
      last_at = CASE WHEN a.resolved_at IS NULL AND a.first_at > now() - interval '1 day'
        THEN greatest(now(), a.first_at + interval '1 millisecond') ELSE now() END
    RETURNING first_at = last_at AS is_news`
  if (!rows[0]?.is_news) return
  await tellTeam(db, { severity, title, detail })
}

/** Closes an alert whose cause is gone. Does nothing when it is not open. */
export async function resolveAlert(db: Db, { key }: { key: string }): Promise<void> {
  await db.alert.updateMany({ where: { key, resolvedAt: null }, data: { resolvedAt: new Date() } })
}

/** Closes all alerts whose keys begin like this: one success has shown that none of their causes is left. */
export async function resolveAlertsUnder(db: Db, { prefix }: { prefix: string }): Promise<void> {
  await db.alert.updateMany({
    where: { key: { startsWith: prefix }, resolvedAt: null },
    data: { resolvedAt: new Date() },
  })
}
