import { type EmbeddedPostgres, findRunningPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { EMBEDDED_DATABASE, EMBEDDED_DIR, EMBEDDED_PORT } from './project.ts'

export interface OpenDatabase {
  url: string
  /** Ours to stop; null when the server belongs to somebody else. */
  embedded: EmbeddedPostgres | null
  close(): Promise<void>
}

/** The project's database for a tool: DATABASE_URL, or the embedded server, joined when it is already running. */
export async function openDatabase(): Promise<OpenDatabase> {
  const given = process.env.DATABASE_URL
  if (given) return { url: given, embedded: null, close: async () => undefined }
  const running = await findRunningPostgres(EMBEDDED_DIR, EMBEDDED_DATABASE)
  if (running) return { url: running, embedded: null, close: async () => undefined }
  return startOwn()
}

/** The same for the launcher, which must be the only owner. Throws ClusterInUseError when another start lives. */
export async function startOwn(): Promise<OpenDatabase> {
  const embedded = await startEmbeddedPostgres({
    dir: EMBEDDED_DIR,
    database: EMBEDDED_DATABASE,
    port: EMBEDDED_PORT,
  })
  return { url: embedded.url, embedded, close: () => embedded.stop() }
}
