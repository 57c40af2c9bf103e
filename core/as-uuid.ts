import { z } from 'zod'

const uuid = z.uuid()

/** The text if it is a UUID, else null. What a button or Stripe's metadata bring may be anything, and PostgreSQL fails on it. */
export function asUuid(text: string | null | undefined): string | null {
  const parsed = uuid.safeParse(text)
  return parsed.success ? parsed.data : null
}
