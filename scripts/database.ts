import { type EmbeddedPostgres, findRunningPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { EMBEDDED_DIR, EMBEDDED_PORT } from './project.ts'

export interface OpenDatabase {
  url: string
  /** Ours to stop; null when the server belongs to somebody else. */
  embedded: EmbeddedPostgres | null
  close(): Promise<void>
}

/** The project's database for a tool: DATABASE_URL, or the embedded server, joined when it is already running. */
export async function openDatabase(): Promise<OpenDatabase> {
  const given = process.env.DATABASE_URL?.trim()
  if (given) return { url: given, embedded: null, close: async () => undefined }
  const sandbox = !process.env.BOT_TOKEN?.trim()
  const running = await findRunningPostgres(EMBEDDED_DIR, embeddedDatabase(sandbox))
  if (running) return { url: running, embedded: null, close: async () => undefined }
  return startOwn(sandbox)
}

/** The same for the launcher, which must be the only owner. Throws ClusterInUseError when another start lives. */
export async function startOwn(sandbox: boolean): Promise<OpenDatabase> {
  const embedded = await startEmbeddedPostgres({
    dir: EMBEDDED_DIR,
    database: embeddedDatabase(sandbox),
    port: EMBEDDED_PORT,
  })
  return { url: embedded.url, embedded, close: () => embedded.stop() }
}

/** What happened in the sandbox must never be found in the books of the real business. */
function embeddedDatabase(sandbox: boolean): string {
  return sandbox ? 'paydesk_sandbox' : 'paydesk'
}
