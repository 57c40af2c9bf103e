import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { deserialize, serialize } from 'node:v8'

/**
 * Writes a value to a file, whole or not at all. What a stand-in remembers refers to itself in circles and carries bytes,
 * which is why this is Node's own serialisation and not JSON.
 */
export function writeWhole(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, serialize(value))
  renameSync(`${path}.new`, path)
}

/** What was written last; null if nothing was. */
export function readWhole(path: string): unknown {
  return existsSync(path) ? deserialize(readFileSync(path)) : null
}
