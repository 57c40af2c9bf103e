import type { z } from 'zod'

export type Environment = Readonly<Record<string, string | undefined>>

/** Everything that is wrong with the configuration, in one message made for the person who has to mend it. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(process: string, problems: readonly string[]) {
    const list = problems.map((problem) => `  ✗ ${problem}`).join('\n')
    super(
      `The ${process} cannot start with this configuration:\n${list}\nSee .env.example for what each variable means.`,
    )
    this.problems = problems
  }
}

/**
 * Reads a process' configuration from environment variables. An empty variable counts as absent, because compose
 * files and hosting panels pass empty ones on. Throws a ConfigError that names every problem at once; values are
 * never repeated in it, since they may be secrets.
 */
export function parseConfig<T>(process: string, schema: z.ZodType<T>, environment: Environment): T {
  const present = Object.entries(environment).flatMap(([name, value]) => {
    const trimmed = value?.trim()
    return trimmed ? [[name, trimmed] as const] : []
  })
  const result = schema.safeParse(Object.fromEntries(present))
  if (result.success) return result.data
  throw new ConfigError(
    process,
    result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`),
  )
}
