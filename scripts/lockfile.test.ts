import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './project.ts'

interface Entry {
  version: string
  optional?: boolean
  optionalDependencies?: Record<string, string>
}

const readJson = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'))
const { packages } = readJson('package-lock.json') as { packages: Record<string, Entry> }

// A lock written where some platforms' newest binaries were not to be had makes `npm ci` fail everywhere.
test('the lock knows every optional package, so that an install works on every platform', () => {
  const locked = Object.keys(packages)
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !locked.some((other) => other.endsWith(`node_modules/${name}`)))
      .map((name) => `${path} needs ${name}`),
  )
  expect(missing).toEqual([])
})

test('every dependency is pinned to the version that is locked', () => {
  const manifest = readJson('package.json') as Record<'dependencies' | 'devDependencies', Record<string, string>>
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies }
  for (const [name, version] of Object.entries(wanted)) {
    expect(packages[`node_modules/${name}`]?.version, name).toBe(version)
  }
})
