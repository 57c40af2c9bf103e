import type { Db } from '#core/db.ts'
import { storableText } from '#core/storable-text.ts'

export interface Profile {
  id: bigint
  firstName: string
  lastName: string | null
  username: string | null
  languageCode: string | null
}

/**
 * Knows a person from now on, with an empty account. Names are brought up to date; the source stays the first one.
 * Whoever talks to the bot again has it unblocked. Safe to repeat.
 * `referrerId` is whoever invited them: it counts only for somebody never seen before, and only if that person exists,
 * is not banned and is somebody else.
 */
export async function registerUser(
  db: Db,
  { source = null, referrerId = null, ...profile }: Profile & { source?: string | null; referrerId?: bigint | null },
): Promise<void> {
  const firstName = storableText(profile.firstName)
  const lastName = profile.lastName === null ? null : storableText(profile.lastName)
  await db.$executeRaw`
    INSERT INTO users AS u (id, first_name, last_name, username, language_code, source, referred_by_id)
    VALUES (${profile.id}, ${firstName}, ${lastName}, ${profile.username}, ${profile.languageCode}, ${source}, (
      SELECT r.id FROM users r WHERE r.id = ${referrerId}::bigint AND r.id <> ${profile.id} AND r.banned_at IS NULL))
    ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
      username = excluded.username, language_code = excluded.language_code,
      source = coalesce(u.source, excluded.source), blocked_at = NULL`
  await db.$executeRaw`INSERT INTO accounts (user_id) VALUES (${profile.id}) ON CONFLICT DO NOTHING`
}
