/** `npm run bench [-- quick]`: Paydesk against its baselines in one run; ratios are what counts. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { build, stop as stopBundler } from 'esbuild'
import { buildBundle, buildClient } from '../scripts/build.ts'
import { startEmbeddedPostgres } from '../scripts/embedded-postgres.ts'
import { DATA_DIR, ROOT } from '../scripts/project.ts'
import { type Load, type Measurement, measure } from './measure.ts'
import { bare, naive, paydesk, paydeskWithReceipts, type Variant } from './variants.ts'

const quick = process.argv.includes('quick')
const users = 1_000
const throughput: Load = { messages: quick ? 10_000 : 60_000, users }
const steady: Load = { messages: quick ? 5_000 : 20_000, users, ratePerSecond: 1_000 }
const killed: Load = { messages: quick ? 10_000 : 30_000, users, ratePerSecond: 1_000, killEveryMs: 5_000 }

/** A group takes twenty messages a minute; here a minute is a second, or nobody would wait for the end. */
const limited: Load = { messages: quick ? 500 : 1_000, users: 50, groupPerSecond: 20 }

const plan: [string, Load, Variant[]][] = [
  ['As fast as it goes', throughput, [bare, naive, paydesk, paydeskWithReceipts]],
  ['1,000 messages a second from 1,000 users', steady, [bare, naive, paydesk, paydeskWithReceipts]],
  ['The same with a SIGKILL every 5 s', killed, [bare, naive, paydesk, paydeskWithReceipts]],
  ['Into a group that takes 20 a second', limited, [bare, naive, paydesk, paydeskWithReceipts]],
]

await buildClient(() => undefined)
await buildBundle('bot', () => undefined)
await bundleBaselines()
const postgres = await startEmbeddedPostgres({ dir: join(DATA_DIR, 'bench', 'postgres'), database: 'postgres' })
const report: { title: string; measurements: Measurement[] }[] = []
try {
  for (const [title, load, variants] of plan) {
    console.log(`\n${title} (${load.messages.toLocaleString('en')} messages)`)
    const measurements: Measurement[] = []
    for (const variant of variants) {
      const measurement = await measure(postgres.url, variant, load)
      measurements.push(measurement)
      printRow(measurement, measurements[0])
    }
    report.push({ title, measurements })
  }
} finally {
  await postgres.stop()
}
writeReport()

async function bundleBaselines(): Promise<void> {
  const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`
  await build({
    entryPoints: ['baselines/bare-forwarder.ts', 'baselines/naive-relay.ts', 'stand-in.ts'].map((file) =>
      join(ROOT, 'bench', file),
    ),
    outdir: join(ROOT, 'dist', 'bench'),
    entryNames: '[name]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    external: ['pg-native'],
    banner: { js: banner },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  })
  await stopBundler()
}

function printRow(row: Measurement, baseline: Measurement | undefined): void {
  const ratio = baseline ? row.messagesPerSecond / baseline.messagesPerSecond : 1
  const columns = [
    row.variant.padEnd(40),
    `${Math.round(row.messagesPerSecond)}/s`.padStart(9),
    `${ratio.toFixed(2)} ×`.padStart(8),
    `p50 ${row.latencyMs?.p50.toFixed(0) ?? '–'} ms`.padStart(13),
    `p99 ${row.latencyMs?.p99.toFixed(0) ?? '–'} ms`.padStart(13),
    `${(row.cpuMsPerMessage * 1000).toFixed(0)} µs CPU`.padStart(12),
    `${row.peakRssMb.toFixed(0)} MB`.padStart(8),
    `lost ${row.lost}`.padStart(12),
    `twice ${row.repeated}`.padStart(12),
    `wrong charges ${row.wronglyCharged ?? '–'}`.padStart(20),
    row.kills > 0 ? `${row.kills} kills` : '',
  ]
  console.log(columns.join(' '))
}

function writeReport(): void {
  const file = join(DATA_DIR, 'bench', 'report.json')
  mkdirSync(join(DATA_DIR, 'bench'), { recursive: true })
  const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown' }
  writeFileSync(file, JSON.stringify({ at: new Date().toISOString(), machine, report }, null, 2))
  console.log(`\nWritten to ${file}`)
}
