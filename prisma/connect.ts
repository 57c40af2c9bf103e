import pg from 'pg'

/** A database that cannot be used as it is, in words for whoever set DATABASE_URL. Its password is not among them. */
export class UnfitDatabaseError extends Error {
  override name = 'UnfitDatabaseError'

  constructor(reason: string, cause?: unknown) {
    super(`The database of DATABASE_URL cannot be used: ${reason}`, { cause })
  }
}

const CONNECT_WITHIN_MS = 15_000
const OLDEST_VERSION = 15

const NOT_ANSWERING = /^(ECONN|EAI_|ENOTFOUND|ENOENT|EHOST|ENET|ETIMEDOUT|EACCES)/
const CERTIFICATE = /^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_CERT_)/

/** Connects to a database in which everything may be set up. Throws an UnfitDatabaseError that says what is wrong. */
export async function connectToFitDatabase(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'paydesk migrate',
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
  })
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(() => undefined)
    throw new UnfitDatabaseError(explainRefusal(error, `${client.host}:${client.port}`), error)
  }
  const reason = await findUnfitness(client)
  if (reason === null) return client
  await client.end()
  throw new UnfitDatabaseError(reason)
}

/** What went wrong while connecting. Exported for what cannot be brought about in a test. */
export function explainRefusal(error: unknown, address: string): string {
  const { code, message } = firstOf(error)
  if (NOT_ANSWERING.test(code) || /timeout/.test(message)) {
    return `nobody answers at ${address} (${code || message}). Is PostgreSQL running there, and may this machine reach it?`
  }
  if (CERTIFICATE.test(code)) {
    return (
      `its certificate is not trusted (${message}). Name the one of its authority with sslrootcert=<file>, or, where ` +
      'nobody can listen in between, write sslmode=no-verify.'
    )
  }
  return `${message}.`
}

/** A name with several addresses fails with all their errors, and without a message of its own. */
function firstOf(error: unknown): { code: string; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return firstOf(error.errors[0])
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  return { code: 'code' in error ? String(error.code) : '', message: error.message }
}

interface Facts {
  version: string
  number: number
  encoding: string
  isReadOnly: boolean
  mayCreate: boolean
}

async function findUnfitness(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<Facts>(`
    SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
      current_setting('server_encoding') AS encoding, current_setting('transaction_read_only')::bool AS "isReadOnly",
      coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)
        AND (to_regnamespace('pgboss') IS NOT NULL OR has_database_privilege(current_database(), 'CREATE')) AS "mayCreate"`)
  const [facts] = rows
  if (!facts) return 'it does not answer.'
  if (facts.number < OLDEST_VERSION * 10_000) {
    return `it is PostgreSQL ${facts.version}; ${OLDEST_VERSION} or newer is needed.`
  }
  if (facts.encoding !== 'UTF8') {
    return `its encoding is ${facts.encoding}. Create it anew with ENCODING 'UTF8' TEMPLATE template0.`
  }
  if (facts.isReadOnly) return 'it is read-only, as replicas are. Name the primary.'
  if (!facts.mayCreate) return 'its user may not create tables and schemas in it. Make that user its owner.'
  return null
}
