import { answerHealth } from '#web/server/answer-health.ts'

export const dynamic = 'force-dynamic'

export function GET(): Promise<Response> {
  return answerHealth()
}
