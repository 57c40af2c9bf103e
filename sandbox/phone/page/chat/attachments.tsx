import {
  BarChart3,
  Clapperboard,
  Dices,
  File,
  Image,
  Images,
  MapPin,
  Mic,
  Music,
  Smile,
  UserRound,
  Video,
  Webcam,
} from 'lucide-react'
import type { ReactNode } from 'react'
import type { AlbumItem, MediaItem } from '#sandbox/telegram/control-types.ts'

export type Attachment = { label: string; icon: ReactNode } & (
  | { item: (caption: string) => MediaItem }
  | { album: (caption: string) => AlbumItem[] }
)

const withCaption = (caption: string) => (caption ? { caption } : {})
const size = { 'aria-hidden': true, size: 16 } as const

/** What can be sent besides text. The files are made up: nobody has to look for one. */
export const attachments: Attachment[] = [
  { label: 'Photo', icon: <Image {...size} />, item: (text) => ({ kind: 'photo', ...withCaption(text) }) },
  { label: 'Album of 3', icon: <Images {...size} />, album: (text) => albumOf(3, text) },
  { label: 'Album of 10', icon: <Images {...size} />, album: (text) => albumOf(10, text) },
  { label: 'Voice message', icon: <Mic {...size} />, item: () => ({ kind: 'voice', durationSeconds: 7 }) },
  {
    label: 'Video',
    icon: <Video {...size} />,
    item: (text) => ({ kind: 'video', durationSeconds: 42, width: 1280, height: 720, ...withCaption(text) }),
  },
  { label: 'Video message', icon: <Webcam {...size} />, item: () => ({ kind: 'video_note', durationSeconds: 9 }) },
  { label: 'GIF', icon: <Clapperboard {...size} />, item: (text) => ({ kind: 'animation', ...withCaption(text) }) },
  { label: 'Sticker', icon: <Smile {...size} />, item: () => ({ kind: 'sticker', emoji: '🥳' }) },
  {
    label: 'File',
    icon: <File {...size} />,
    item: (text) => ({ kind: 'document', fileName: 'brief.pdf', sizeBytes: 218_000, ...withCaption(text) }),
  },
  {
    label: 'Song',
    icon: <Music {...size} />,
    item: (text) => ({ kind: 'audio', fileName: 'demo.mp3', durationSeconds: 184, ...withCaption(text) }),
  },
  {
    label: 'Location',
    icon: <MapPin {...size} />,
    item: () => ({ kind: 'location', latitude: 52.52, longitude: 13.405 }),
  },
  {
    label: 'Contact',
    icon: <UserRound {...size} />,
    item: () => ({ kind: 'contact', phoneNumber: '+15550100', firstName: 'Sam', lastName: 'Rivers' }),
  },
  {
    label: 'Poll',
    icon: <BarChart3 {...size} />,
    item: () => ({ kind: 'poll', question: 'Which day suits you?', options: ['Monday', 'Tuesday', 'Friday'] }),
  },
  { label: 'Dice', icon: <Dices {...size} />, item: () => ({ kind: 'dice' }) },
]

function albumOf(count: number, caption: string): AlbumItem[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: index % 4 === 2 ? ('video' as const) : ('photo' as const),
    ...(index === 0 ? withCaption(caption) : {}),
  }))
}
