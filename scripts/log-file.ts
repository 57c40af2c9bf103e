import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const LIMIT_BYTES = 20_000_000

export interface LogFile {
  write(text: string): void
  close(): void
}

/**
 * A file that grows to 20 MB, then becomes `<name>.1` and begins anew. Two generations are kept in all. A full disk
 * costs what cannot be written and nothing else; `onTrouble` is told once until writing succeeds again.
 */
export function openLogFile(path: string, onTrouble: (error: Error) => void): LogFile {
  mkdirSync(dirname(path), { recursive: true })
  let file = openSync(path, 'a')
  let size = fstatSync(file).size
  let isTroubled = false

  function begin(): void {
    renameSync(path, `${path}.1`)
    const next = openSync(path, 'a')
    closeSync(file)
    file = next
    size = 0
  }

  return {
    write(text) {
      try {
        if (size > LIMIT_BYTES) begin()
        size += writeSync(file, text)
        isTroubled = false
      } catch (error) {
        if (!isTroubled) onTrouble(error as Error)
        isTroubled = true
      }
    },
    close: () => closeSync(file),
  }
}
