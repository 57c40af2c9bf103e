import { expect, test } from 'vitest'
import { contentMediaOf } from '#core/content/content-part.ts'

const none = { caption: null, captionEntities: null, sizeBytes: null, durationSeconds: null }

test('a photo is locked in its largest size, with its caption as it was formatted', () => {
  const photo = [{ file_id: 'small' }, { file_id: 'large', file_size: 2000 }]
  const caption_entities = [{ type: 'bold', offset: 0, length: 2 }]
  expect(contentMediaOf({ photo, caption: 'me', caption_entities })).toEqual({
    ...none,
    kind: 'photo',
    fileId: 'large',
    sizeBytes: 2000,
    caption: 'me',
    captionEntities: caption_entities,
  })
})

test('an animation is one although it also carries a document', () => {
  const file = { file_id: 'gif', duration: 3 }
  expect(contentMediaOf({ document: file, animation: file })).toEqual({
    ...none,
    kind: 'animation',
    fileId: 'gif',
    durationSeconds: 3,
  })
})

test.each(['video', 'audio', 'document', 'voice', 'video_note'])('a %s can be locked', (kind) => {
  expect(contentMediaOf({ [kind]: { file_id: 'x' } })).toEqual({ ...none, kind, fileId: 'x' })
})

test.each([
  [{ text: 'words' }],
  [{ sticker: { file_id: 'x' } }],
  [{ paid_media: {}, photo: [{ file_id: 'x' }] }],
  [{ photo: [] }],
  [{}],
])('%j holds nothing to lock', (message) => {
  expect(contentMediaOf(message)).toBeNull()
})
