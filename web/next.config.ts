import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { NextConfig } from 'next'

const root = join(import.meta.dirname, '..')

/** What this build expects the database to have; `/health` compares. Next loads this file without any other of ours. */
function migrationsOfThisBuild(): string {
  const entries = readdirSync(join(root, 'prisma', 'migrations'), { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return names.sort().join(',')
}

/** On every answer, files included; what depends on the request is added in proxy.ts. */
const securityHeaders = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=()' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
]

const config: NextConfig = {
  output: 'standalone',
  outputFileTracingRoot: root,
  turbopack: { root },
  compiler: { define: { PAYDESK_MIGRATIONS: migrationsOfThisBuild() } },
  images: { unoptimized: true },
  poweredByHeader: false,
  // `tsc -p web` checks the types; a start from a fresh clone should not wait for it.
  typescript: { ignoreBuildErrors: true },
  experimental: { authInterrupts: true },
  serverExternalPackages: ['pg', '@prisma/client', '@prisma/adapter-pg', 'pino', 'stripe'],
  headers: async () => [{ source: '/:path*', headers: securityHeaders }],
}

export default config
