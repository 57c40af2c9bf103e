import { EyeOff, FileText, MapPin, Music, Play, User } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { MediaView, MessageView } from '#sandbox/telegram/control-types.ts'
import { money } from '../narration/words.ts'
import { duration, fileSize } from '../ui/times.ts'
import { Picture, Waveform } from './picture.tsx'

/** The content of a message that is no text. */
export function Media({ message }: { message: MessageView }) {
  if (message.media) return <FileMedia media={message.media} />
  if (message.extra) return <ExtraMedia extra={message.extra} />
  return null
}

export function FileMedia({ media, isTile = false }: { media: MediaView; isTile?: boolean }) {
  switch (media.kind) {
    case 'photo':
      return <Visual media={media} label="Photo" isTile={isTile} />
    case 'video':
      return <Visual media={media} label="Video" isTile={isTile} badge={duration(media.durationSeconds ?? 0)} />
    case 'animation':
      return <Visual media={media} label="GIF" isTile={isTile} badge="GIF" />
    case 'video_note':
      return (
        <div className="video-note">
          <Visual media={media} label="Video message" isTile badge={duration(media.durationSeconds ?? 0)} />
        </div>
      )
    case 'sticker':
      return (
        <span className="sticker" role="img" aria-label={`Sticker ${media.emoji ?? ''}`}>
          {media.emoji ?? '🙂'}
        </span>
      )
    case 'voice':
      return (
        <Row icon={<Play aria-hidden size={16} />} label="Voice message">
          <Waveform seed={media.fileUniqueId} />
          <small>{duration(media.durationSeconds ?? 0)}</small>
        </Row>
      )
    case 'audio':
      return (
        <Row icon={<Music aria-hidden size={16} />} label="Song">
          <b dir="auto">{media.fileName ?? 'Untitled'}</b>
          <small>{duration(media.durationSeconds ?? 0)}</small>
        </Row>
      )
    case 'document':
      return (
        <Row icon={<FileText aria-hidden size={16} />} label="File">
          <b dir="auto">{media.fileName ?? 'File'}</b>
          <small>{fileSize(media.sizeBytes)}</small>
        </Row>
      )
    default:
      return null
  }
}

interface VisualProps {
  media: MediaView
  label: string
  isTile: boolean
  badge?: string
}

function Visual({ media, label, isTile, badge }: VisualProps) {
  const [hidden, setHidden] = useState(media.spoiler)
  const ratio = Math.min(2, Math.max(0.8, (media.width ?? 4) / (media.height ?? 3)))
  return (
    <div className={hidden ? 'visual is-hidden' : 'visual'} style={isTile ? undefined : { aspectRatio: ratio }}>
      <Picture seed={media.fileUniqueId} label={label} ratio={isTile ? 1 : ratio} />
      {badge && <span className="badge-on-picture">{badge}</span>}
      {media.kind !== 'photo' && !hidden && (
        <span className="play" aria-hidden="true">
          <Play size={20} />
        </span>
      )}
      {hidden && (
        <button type="button" className="uncover" onClick={() => setHidden(false)}>
          <EyeOff aria-hidden size={16} /> Show
        </button>
      )}
    </div>
  )
}

function Row({ icon, label, children }: { icon: ReactNode; label: string; children: ReactNode }) {
  return (
    <div className="media-row" role="group" aria-label={label}>
      <span className="media-icon">{icon}</span>
      <div>{children}</div>
    </div>
  )
}

function ExtraMedia({ extra }: { extra: { kind: string; value: unknown } }) {
  const value = (extra.value ?? {}) as Record<string, unknown>
  switch (extra.kind) {
    case 'location':
    case 'venue':
      return <Place value={value} />
    case 'contact':
      return (
        <Row icon={<User aria-hidden size={16} />} label="Contact">
          <b dir="auto">{[value.first_name, value.last_name].filter(Boolean).join(' ')}</b>
          <small>{textIn(value, 'phone_number')}</small>
        </Row>
      )
    case 'dice':
      return (
        <span className="sticker" role="img" aria-label={`Dice: ${Number(value.value)}`}>
          {textIn(value, 'emoji') || '🎲'}
          <small>{Number(value.value)}</small>
        </span>
      )
    case 'poll':
      return <Poll value={value} />
    case 'invoice':
      return (
        <div className="invoice">
          <b dir="auto">{textIn(value, 'title') || 'Invoice'}</b>
          <p dir="auto">{textIn(value, 'description')}</p>
          <small>{money(value.total_amount, value.currency)}</small>
        </div>
      )
    default:
      return <p className="unknown-kind">{extra.kind.replaceAll('_', ' ')}</p>
  }
}

function Place({ value }: { value: Record<string, unknown> }) {
  const title = typeof value.title === 'string' ? value.title : null
  const at = (value.location ?? value) as { latitude?: number; longitude?: number }
  return (
    <div className="place" role="group" aria-label={title ? 'Place' : 'Location'}>
      <div className="map" aria-hidden="true">
        <MapPin size={28} />
      </div>
      <b dir="auto">{title ?? 'Location'}</b>
      <small>{typeof value.address === 'string' ? value.address : `${at.latitude ?? 0}, ${at.longitude ?? 0}`}</small>
    </div>
  )
}

function textIn(value: Record<string, unknown>, field: string): string {
  const text = value[field]
  return typeof text === 'string' ? text : ''
}

interface PollValue {
  question?: string
  options?: { text: string; voter_count: number }[]
}

function Poll({ value }: { value: PollValue }) {
  const votes = (value.options ?? []).reduce((sum, option) => sum + option.voter_count, 0)
  return (
    <div className="poll" role="group" aria-label="Poll">
      <b dir="auto">{value.question}</b>
      <ul>
        {(value.options ?? []).map((option) => (
          <li key={option.text} style={{ '--share': votes ? option.voter_count / votes : 0 } as React.CSSProperties}>
            <span dir="auto">{option.text}</span> <small>{option.voter_count}</small>
          </li>
        ))}
      </ul>
      <small>{votes === 1 ? '1 vote' : `${votes} votes`}</small>
    </div>
  )
}
