import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import * as engineModule from '@prisma/schema-engine-wasm/schema_engine_bg'

/** The SQL that makes an empty database look like this schema. Needs no database. */
export async function diffFromEmpty(schema: string): Promise<string> {
  return diff({ tag: 'empty' }, datamodel(schema))
}

/** The SQL that leads from one schema to another: the draft of a migration. Needs no database. */
export async function diffBetween(before: string, after: string): Promise<string> {
  return diff(datamodel(before), datamodel(after))
}

async function diff(from: engineModule.DiffTarget, to: engineModule.DiffTarget): Promise<string> {
  const engine = await createEngine()
  try {
    const filters = { externalTables: [], externalEnums: [] }
    const result = await engine.diff({ from, to, script: true, exitCode: null, filters })
    return result.stdout ?? ''
  } finally {
    engine.free()
  }
}

function datamodel(content: string): engineModule.DiffTarget {
  return { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] }
}

let loaded: Promise<void> | undefined

/** The package expects a bundler to load its WebAssembly; Node has to be told how. */
async function loadEngine(): Promise<void> {
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const bytes = await readFile(join(dirname(glue), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(new Uint8Array(bytes), {
    './schema_engine_bg.js': engineModule as unknown as WebAssembly.ModuleImports,
  })
  const wasm = engineModule as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void }
  wasm.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start === 'function') start()
}

async function createEngine(): Promise<engineModule.SchemaEngine> {
  loaded ??= loadEngine()
  await loaded
  const adapter = bindMigrationAwareSqlAdapterFactory(dialectOnly)
  return engineModule.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter)
}

/** The engine learns the dialect from its adapter: it asks one question when it starts, and nothing to compare. */
const dialect: SqlDriverAdapter = {
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  queryRaw: async ({ sql }) => {
    if (!sql.includes('server_version_num')) return neverConnected()
    return {
      columnNames: ['exists', 'version', 'numeric_version'],
      columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
      rows: [[true, 'PostgreSQL 15.0', 150_000]],
    }
  },
  executeRaw: neverConnected,
  executeScript: neverConnected,
  startTransaction: neverConnected,
  dispose: async () => undefined,
}
const dialectOnly: SqlMigrationAwareDriverAdapterFactory = {
  provider: dialect.provider,
  adapterName: dialect.adapterName,
  connect: async () => dialect,
  connectToShadowDb: async () => dialect,
}

function neverConnected(): Promise<never> {
  return Promise.reject(new Error('Comparing schemas should not need a database.'))
}
