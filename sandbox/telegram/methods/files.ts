import { badRequest } from '../refusal.ts'
import type { World } from '../world/world.ts'
import type { Call } from './call.ts'

const maxDownloadBytes = 20 * 1024 * 1024

export function getFile(world: World, call: Call): Record<string, unknown> {
  const { file_id: fileId } = call.params
  if (typeof fileId !== 'string' || fileId === '') throw badRequest('file_id is empty')
  const file = world.files.find(fileId)
  if (!file) throw badRequest('wrong file_id or the file is temporarily unavailable')
  if (file.sizeBytes > maxDownloadBytes) throw badRequest('file is too big')
  return {
    file_id: fileId,
    file_unique_id: file.uniqueId,
    file_size: file.sizeBytes,
    file_path: world.files.makePath(file),
  }
}

export function getUserProfilePhotos(world: World, call: Call): { total_count: number; photos: never[] } {
  const userId = call.params['user_id']
  if (typeof userId !== 'number' || !world.people.has(userId)) throw badRequest('user not found')
  return { total_count: 0, photos: [] }
}
