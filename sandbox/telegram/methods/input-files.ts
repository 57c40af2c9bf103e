import type { FileKind } from '../control-types.ts'
import { badRequest } from '../refusal.ts'
import type { Params } from '../schema/read-params.ts'
import type { StoredFile } from '../world/model.ts'
import type { World } from '../world/world.ts'
import type { Call, Upload } from './call.ts'

/** A file_id, an attach:// name, an uploaded part or an address. */
export function readFile(world: World, call: Call, kind: FileKind, value: unknown, about: Params): StoredFile {
  const uploaded = findUpload(call, kind, value)
  if (uploaded) return addUpload(world, kind, uploaded, about)
  if (typeof value !== 'string' || value === '')
    throw badRequest(`there is no ${kind.replace('_', ' ')} in the request`)
  if (value.startsWith('attach://')) throw badRequest('file part of the attach:// reference is missing')
  if (/^https?:\/\//i.test(value)) throw badRequest('failed to get HTTP URL content')
  const file = world.files.find(value)
  if (!file) throw badRequest('wrong file identifier/HTTP URL specified')
  if (file.kind !== kind && !isInterchangeable(file.kind, kind)) {
    throw badRequest(`can't use file of type ${typeNames[file.kind]} as ${typeNames[kind]}`)
  }
  return file.kind === kind ? file : world.files.add(kind, { ...file, bytes: file.bytes ?? undefined })
}

const typeNames: Record<FileKind, string> = {
  photo: 'Photo',
  video: 'Video',
  animation: 'Animation',
  voice: 'VoiceNote',
  video_note: 'VideoNote',
  audio: 'Audio',
  document: 'Document',
  sticker: 'Sticker',
}

/** An animation's file_id also stands in its `document`. */
function isInterchangeable(from: FileKind, to: FileKind): boolean {
  return from === 'animation' && to === 'document'
}

function findUpload(call: Call, kind: FileKind, value: unknown): Upload | undefined {
  if (typeof value === 'string' && value.startsWith('attach://'))
    return call.uploads.get(value.slice('attach://'.length))
  return typeof value === 'object' ? call.uploads.get(kind) : undefined
}

function addUpload(world: World, kind: FileKind, upload: Upload, about: Params): StoredFile {
  if (upload.bytes.length === 0) throw badRequest('file must be non-empty')
  const limit = kind === 'photo' ? 10 : 50
  if (upload.bytes.length > limit * 1024 * 1024) throw badRequest(`file is too big`)
  const number = (key: string) => (typeof about[key] === 'number' ? about[key] : undefined)
  const [width, height, durationSeconds] = [number('width'), number('height'), number('duration')]
  return world.files.add(kind, {
    bytes: upload.bytes,
    ...(upload.fileName === '' ? {} : { fileName: upload.fileName }),
    ...(kind === 'photo' ? { mimeType: upload.mimeType } : {}),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  })
}
