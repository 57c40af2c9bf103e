import { createHash, randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import type { FileItem, FileKind } from '../control-types.ts'
import type { StoredFile } from './model.ts'

const mimeTypes: Record<FileKind, string> = {
  photo: 'image/png',
  video: 'video/mp4',
  animation: 'video/mp4',
  voice: 'audio/ogg',
  video_note: 'video/mp4',
  audio: 'audio/mpeg',
  document: 'application/octet-stream',
  sticker: 'image/png',
}
const idPrefixes: Record<FileKind, string> = {
  photo: 'AgACAgIAAxk',
  video: 'BAACAgIAAxk',
  animation: 'CgACAgIAAxk',
  voice: 'AwACAgIAAxk',
  video_note: 'DQACAgIAAxk',
  audio: 'CQACAgIAAxk',
  document: 'BQACAgIAAxk',
  sticker: 'CAACAgIAAxk',
}
const folders: Record<FileKind, string> = {
  photo: 'photos',
  video: 'videos',
  animation: 'animations',
  voice: 'voice',
  video_note: 'video_notes',
  audio: 'music',
  document: 'documents',
  sticker: 'stickers',
}
const maxKeptBytes = 64 * 1024 * 1024

/** Files by file_id and by file_unique_id. Old bytes are let go when too many are kept; a drawing stands in then. */
export class FileStore {
  private readonly byFileId = new Map<string, StoredFile>()
  private readonly byUniqueId = new Map<string, StoredFile>()
  private readonly byPath = new Map<string, StoredFile>()
  private readonly withBytes: StoredFile[] = []
  private keptBytes = 0
  private nextPath = 1

  add(kind: FileKind, item: Omit<FileItem, 'kind'> & { bytes?: Buffer }): StoredFile {
    const bytes = item.bytes ?? (item.dataBase64 === undefined ? null : Buffer.from(item.dataBase64, 'base64'))
    const key = bytes ? createHash('sha1').update(bytes).update(kind).digest() : randomBytes(20)
    const uniqueId = `AQAD${key.toString('base64url').slice(0, 12)}`
    const isRound = kind === 'video_note'
    const file: StoredFile = {
      kind,
      uniqueId,
      fileId: `${idPrefixes[kind]}${randomBytes(36).toString('base64url')}`,
      mimeType: item.mimeType ?? mimeTypes[kind],
      sizeBytes: bytes?.length ?? item.sizeBytes ?? 24_000,
      width: isRound ? 240 : (item.width ?? (kind === 'sticker' ? 512 : 640)),
      height: isRound ? 240 : (item.height ?? (kind === 'sticker' ? 512 : 480)),
      durationSeconds: item.durationSeconds ?? (kind === 'voice' ? 4 : 12),
      ...(item.fileName === undefined ? {} : { fileName: item.fileName }),
      ...(item.emoji === undefined ? {} : { emoji: item.emoji }),
      bytes,
    }
    this.byFileId.set(file.fileId, file)
    this.byUniqueId.set(uniqueId, file)
    if (bytes) this.keep(file, bytes.length)
    return file
  }

  find(fileId: string): StoredFile | undefined {
    const [own, isSmall] = fileId.endsWith('~s') ? [fileId.slice(0, -2), true] : [fileId, false]
    const file = this.byFileId.get(own)
    return isSmall && file?.kind !== 'photo' ? undefined : file
  }

  findByUniqueId(uniqueId: string): StoredFile | undefined {
    return this.byUniqueId.get(uniqueId) ?? this.byUniqueId.get(uniqueId.replace(/s$/, ''))
  }

  /** A new path per call, as the real server gives. */
  makePath(file: StoredFile): string {
    const extension = file.fileName?.split('.').at(-1) ?? file.mimeType.split('/').at(-1) ?? 'bin'
    const path = `${folders[file.kind]}/file_${this.nextPath++}.${extension}`
    this.byPath.set(path, file)
    if (this.byPath.size > 10_000) for (const oldest of this.byPath.keys()) return this.forgetPath(oldest, path)
    return path
  }

  findByPath(path: string): StoredFile | undefined {
    return this.byPath.get(path)
  }

  private forgetPath(oldest: string, path: string): string {
    this.byPath.delete(oldest)
    return path
  }

  private keep(file: StoredFile, size: number): void {
    this.withBytes.push(file)
    this.keptBytes += size
    while (this.keptBytes > maxKeptBytes && this.withBytes.length > 1) {
      const oldest = this.withBytes.shift()
      this.keptBytes -= oldest?.bytes?.length ?? 0
      if (oldest) oldest.bytes = null
    }
  }
}

/** The bytes of a file, made up where there are none: pictures are a coloured PNG, sounds a silent WAV. */
export function bytesOf(file: StoredFile): { bytes: Buffer; mimeType: string } {
  if (file.bytes) return { bytes: file.bytes, mimeType: file.mimeType }
  if (file.kind === 'voice' || file.kind === 'audio') return { bytes: silence(1), mimeType: 'audio/wav' }
  if (file.kind === 'document')
    return { bytes: Buffer.from(`${file.fileName ?? 'document'}\n`), mimeType: 'text/plain' }
  return { bytes: drawing(file.uniqueId), mimeType: 'image/png' }
}

function drawing(seed: string): Buffer {
  const [r = 0, g = 0, b = 0] = createHash('sha1').update(seed).digest()
  const side = 64
  const rows = Buffer.alloc(side * (side * 3 + 1))
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const at = y * (side * 3 + 1) + 1 + x * 3
      const light = (x + y) / (side * 2)
      rows[at] = 80 + (r * light) / 2
      rows[at + 1] = 80 + (g * (1 - light)) / 2
      rows[at + 2] = 80 + (b * light) / 2
    }
  }
  const header = Buffer.from([0, 0, 0, side, 0, 0, 0, side, 8, 2, 0, 0, 0])
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const frame = Buffer.alloc(4)
  frame.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([frame, body, sum])
}

function crc32(data: Buffer): number {
  let crc = 0xffffffff
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

function silence(seconds: number): Buffer {
  const rate = 8000
  const samples = Buffer.alloc(rate * seconds, 0x80)
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples.length, 40)
  return Buffer.concat([header, samples])
}
