const kinds: Record<string, string> = {
  text: 'a message',
  photo: 'a photo',
  video: 'a video',
  video_note: 'a video message',
  voice: 'a voice message',
  audio: 'an audio file',
  document: 'a file',
  animation: 'an animation',
  sticker: 'a sticker',
  location: 'a location',
  venue: 'a place',
  contact: 'a contact',
  poll: 'a poll',
  dice: 'a dice',
  album: 'an album',
}

/** A kind of message with its article, as people call it. */
export function messageKind(kind: string): string {
  return kinds[kind] ?? 'a message'
}
