import { type Environment, parseConfig } from '#core/config/parse-config.ts'
import { type WebConfig, webConfigSchema } from '#core/config/web-config.ts'

export type { WebConfig }

/** The only place where the web app reads its environment. Throws a ConfigError that lists every problem. */
export function loadConfig(environment: Environment = process.env): WebConfig {
  return parseConfig('web app', webConfigSchema, environment)
}
