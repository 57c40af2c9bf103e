/**
 * A bot that does next to nothing, to be killed by tests: ingest with a handler that writes one row per message.
 * Its arguments are the database's URL and Telegram's.
 * Says `leads` on its standard output when it begins to lead.
 */
import { Api } from 'grammy'
import { Pool } from 'pg'
import { startIngest } from '#bot/ingest/ingest.ts'
import { BOT_ID, TOKEN } from '#testing/ingest/run-ingest.ts'

const [databaseUrl = '', telegramUrl = ''] = process.argv.slice(2)
const pool = new Pool({ connectionString: databaseUrl, max: 10 })
const say = (...values: unknown[]) => {
  if (values.includes('this process leads now')) process.stdout.write('leads\n')
}

startIngest({
  sql: pool,
  databaseUrl,
  // grammY's own client does not survive being bundled.
  api: new Api(TOKEN, { apiRoot: telegramUrl, fetch: fetch as never }),
  botId: BOT_ID,
  log: { debug: say, info: say, warn: say, error: say },
  alert: async (alert) => {
    await pool.query('INSERT INTO child_alerts VALUES ($1)', [JSON.stringify(alert)])
  },
  handle: async (updates) => {
    for (const { message } of updates) {
      await pool.query('INSERT INTO effects (chat_id, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        message?.chat.id,
        message?.message_id,
      ])
    }
    return { done: 'ingest' }
  },
})
