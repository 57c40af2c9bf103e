import { setTimeout as delay } from 'node:timers/promises'
import type { Api } from 'grammy'

/** Waits as long as Telegram asks and tries again, as every bot must that is not to lose what it sends. */
export function makePatient(api: Api): void {
  api.config.use(async (call, method, payload, signal) => {
    for (;;) {
      const answer = await call(method, payload, signal)
      if (answer.ok || answer.error_code !== 429) return answer
      await delay((answer.parameters?.retry_after ?? 1) * 1_000)
    }
  })
}
