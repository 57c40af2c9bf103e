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
 */
export async function registerUser(
  db: Db,
  { source = null, ...profile }: Profile & { source?: string | null },
): Promise<void> {
  const firstName = storableText(profile.firstName)
  const lastName = profile.lastName === null ? null : storableText(profile.lastName)
  await db.$executeRaw`
    INSERT INTO users AS u (id, first_name, last_name, username, language_code, source)
    VALUES (${profile.id}, ${firstName}, ${lastName}, ${profile.username}, ${profile.languageCode}, ${source})
    ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, last_name = excluded.last_name,
      username = excluded.username, language_code = excluded.language_code,
      source = coalesce(u.source, excluded.source), blocked_at = NULL`
  await db.$executeRaw`INSERT INTO accounts (user_id) VALUES (${profile.id}) ON CONFLICT DO NOTHING`
}
