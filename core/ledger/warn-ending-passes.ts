import type { Db } from '#core/db.ts'

/**
 * Owes a notice to everybody whose pass ends within `withinSeconds`, once per pass end: an extended pass is warned
 * about again. Returns how many were warned.
 */
export async function warnEndingPasses(db: Db, { withinSeconds }: { withinSeconds: number }): Promise<number> {
  return db.$executeRaw`
    WITH ending AS (
      UPDATE accounts a SET pass_alerted_for = a.pass_until
      FROM users u
      WHERE u.id = a.user_id AND u.blocked_at IS NULL AND u.banned_at IS NULL
        AND a.pass_until > now() AND a.pass_until < now() + make_interval(secs => ${withinSeconds}::int)
        AND a.pass_alerted_for IS DISTINCT FROM a.pass_until
      RETURNING a.user_id, ceil(extract(epoch FROM a.pass_until - now()) / 60)::int AS minutes
    )
    INSERT INTO outbox (lane, purpose, priority, user_id, payload)
    SELECT 'chat:' || user_id, 'notice', 0, user_id,
           jsonb_build_object('text', 'notice-pass-ending', 'args', jsonb_build_object('minutes', minutes), 'buttons', 'buy')
    FROM ending`
}
