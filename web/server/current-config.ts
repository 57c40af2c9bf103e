import { loadConfig, type WebConfig } from '#web/server/config.ts'

let config: WebConfig | undefined

/** This process' configuration, read when first asked for, so that a build needs none. */
export function currentConfig(): WebConfig {
  config ??= loadConfig()
  return config
}

/** Whether people reach us by https; then cookies and headers insist on it. */
export function isSecure({ publicUrl }: Pick<WebConfig, 'publicUrl'>): boolean {
  return publicUrl.startsWith('https:')
}
