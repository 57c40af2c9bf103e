import { type BotConfig, botConfigSchema } from '#core/config/bot-config.ts'
import { type Environment, parseConfig } from '#core/config/parse-config.ts'

export type { BotConfig }

/** The only place where the bot reads its environment. Throws a ConfigError that lists every problem. */
export function loadConfig(environment: Environment = process.env): BotConfig {
  return parseConfig('bot', botConfigSchema, environment)
}
