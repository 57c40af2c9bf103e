import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function randomToken(length: number): string {
  return Array.from(randomBytes(length), (byte) => ALPHABET[byte % ALPHABET.length]).join('')
}

/** Ids look like the real ones: a prefix that names the kind, then letters and digits. */
export function newId(prefix: string, length = 24): string {
  return `${prefix}_${randomToken(length)}`
}
