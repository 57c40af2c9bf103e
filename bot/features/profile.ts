import type { User } from 'grammy/types'
import type { Profile } from '#core/users/register-user.ts'

/** What Telegram tells of a person, as we keep it. */
export function profileOf(from: User): Profile {
  return {
    id: BigInt(from.id),
    firstName: from.first_name,
    lastName: from.last_name ?? null,
    username: from.username ?? null,
    languageCode: from.language_code ?? null,
  }
}
