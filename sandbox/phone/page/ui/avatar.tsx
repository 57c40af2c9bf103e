import { hueOf } from '../chat/seed.ts'

/** A circle with initials in a colour that stays the person's own. */
export function Avatar({ name, seed, size = 36 }: { name: string; seed: string | number; size?: number }) {
  const style = { '--hue': hueOf(String(seed)), width: size, height: size, fontSize: size * 0.4 }
  return (
    <span className="avatar" style={style} aria-hidden="true">
      {initialsOf(name)}
    </span>
  )
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.map((word) => firstCharacter(word.replace(/^[^\p{L}]+/u, '')))
  return (letters.filter(Boolean).slice(0, 2).join('') || firstCharacter(name)).toUpperCase()
}

function firstCharacter(text: string): string {
  const [first] = new Intl.Segmenter().segment(text)
  return first?.segment ?? ''
}
