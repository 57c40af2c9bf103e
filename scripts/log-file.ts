import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const LIMIT_BYTES = 20_000_000

export interface LogFile {
  write(text: string): void
  close(): void
}

/** A file that grows to 20 MB, then becomes `<name>.1` and begins anew. Two generations are kept in all. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true })
  let file = openSync(path, 'a')
  let size = fstatSync(file).size
  return {
    write(text) {
      if (size > LIMIT_BYTES) {
        closeSync(file)
        renameSync(path, `${path}.1`)
        file = openSync(path, 'a')
        size = 0
      }
      size += writeSync(file, text)
    },
    close: () => closeSync(file),
  }
}
