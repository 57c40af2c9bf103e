import { z } from 'zod'

/** A reference to another object: its id, or the object itself where it was expanded. */
export const idOrObject = z.union([z.string(), z.object({ id: z.string() })]).nullish()

/** The id that a reference names. */
export const idOf = (value: z.infer<typeof idOrObject>): string | null =>
  typeof value === 'object' ? (value?.id ?? null) : (value ?? null)
