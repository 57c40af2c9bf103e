import 'server-only'
import { buildMigrations } from '#core/health/build-migrations.ts'
import { type Health, readHealth } from '#core/health/read-health.ts'
import { getDeps } from '#web/server/deps.ts'

const ANSWER_WITHIN_MS = 3_000

/** For platforms and monitors: 200 when everything is well, else 503 with the reasons. Tells no secrets. */
export async function answerHealth(): Promise<Response> {
  const health = await Promise.race([ask(), silence()])
  const reasons = health.parts.filter(({ well }) => !well).map(({ part, detail }) => `${part}: ${detail}`)
  return Response.json(
    { status: health.well ? 'ok' : 'unwell', reasons, parts: health.parts },
    { status: health.well ? 200 : 503, headers: { 'Cache-Control': 'no-store' } },
  )
}

function ask(): Promise<Health> {
  const now = new Date()
  return readHealth(getDeps().database.prisma, { now, expectBot: true, migrations: buildMigrations() })
}

function silence(): Promise<Health> {
  const detail = `has not answered within ${ANSWER_WITHIN_MS / 1000} s`
  return new Promise((resolve) => {
    setTimeout(resolve, ANSWER_WITHIN_MS, { well: false, parts: [{ part: 'database', well: false, detail }] }).unref()
  })
}
