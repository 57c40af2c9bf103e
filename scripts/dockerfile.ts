/** As much of Docker's file formats as our own files use, so that their steps can be tried without an engine. */

export interface Instruction {
  keyword: string
  /** The rest of the line, continuations joined. */
  value: string
}

export interface Stage {
  name: string | null
  instructions: Instruction[]
}

/** The stages of a Dockerfile in order. Throws on a line that is no instruction. */
export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = []
  const lines = text.replaceAll(/\\\n\s*/g, ' ').split('\n')
  for (const line of lines) {
    if (!line.trim() || line.startsWith('#')) continue
    const match = /^([A-Z]+)\s+(.+)$/.exec(line.trim())
    const [, keyword, value] = match ?? []
    if (!keyword || !value) throw new Error(`This is no instruction: ${line}`)
    if (keyword === 'FROM') stages.push({ name: /\sAS\s+(\S+)$/i.exec(value)?.[1] ?? null, instructions: [] })
    else stages.at(-1)?.instructions.push({ keyword, value })
  }
  return stages
}

/** Whether .dockerignore keeps a file out of the build: the last line that matches it or a folder above it decides. */
export function isIgnored(path: string, dockerignore: string): boolean {
  let ignored = false
  for (const line of dockerignore.split('\n')) {
    const pattern = line.trim()
    if (!pattern || pattern.startsWith('#')) continue
    const isException = pattern.startsWith('!')
    if (matches(path, isException ? pattern.slice(1) : pattern)) ignored = !isException
  }
  return ignored
}

function matches(path: string, pattern: string): boolean {
  const source = pattern
    .split('/')
    .map((part) => (part === '**' ? '(?:.*/)?' : `${part.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}/`))
    .join('')
    .replace(/\/$/, '')
  return new RegExp(`^${source}(?:/.*)?$`).test(path)
}
