/** Numbers from 0 to 1 that are always the same for the same text: pictures and waveforms keep their look. */
export function seededNumbers(seed: string): () => number {
  let hash = 2166136261
  for (const character of seed) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619)
  return () => {
    hash = (Math.imul(hash ^ (hash >>> 15), 2246822519) + 0x9e3779b9) | 0
    return ((hash ^ (hash >>> 13)) >>> 0) / 4294967296
  }
}

/** A hue for a person or a topic that stays theirs. */
export function hueOf(seed: string): number {
  return Math.floor(seededNumbers(seed)() * 360)
}
