import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Violation } from './control-types.ts'

const flushAtBytes = 256 * 1024

/**
 * Everything that went over the wire as JSON lines, for validators: requests the stand-in accepted as well-formed,
 * their results, the updates, and apart from them every error (`kind: "error"`) and misuse (`kind: "violation"`).
 */
export class TrafficLog {
  private readonly files: Record<'requests' | 'results' | 'updates' | 'violations', BufferedFile>

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    const open = (name: string) => new BufferedFile(join(folder, `${name}.jsonl`))
    this.files = {
      requests: open('requests'),
      results: open('results'),
      updates: open('updates'),
      violations: open('violations'),
    }
  }

  request(method: string, params: Record<string, unknown>): void {
    this.files.requests.line(JSON.stringify({ method, params }))
  }

  result(method: string, resultJson: string): void {
    const json = method in untyped ? withoutUntyped(method, resultJson) : resultJson
    this.files.results.line(`{"method":"${method}","result":${json}}`)
  }

  update(json: string): void {
    this.files.updates.line(json)
  }

  error(method: string, params: Record<string, unknown>, error: { code: number; description: string }): void {
    this.files.violations.line(JSON.stringify({ kind: 'error', method, params, error }))
  }

  violation(violation: Violation): void {
    this.files.violations.line(JSON.stringify({ kind: 'violation', ...violation }))
  }

  async flush(): Promise<void> {
    await Promise.all(Object.values(this.files).map((file) => file.flush()))
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.files).map((file) => file.close()))
  }
}

/** What the server answers although the published types of these results do not know it: left out of the log alone. */
const untyped: Record<string, string[]> = {
  editMessageCaption: ['photo', 'video', 'animation', 'audio', 'document', 'voice'],
  sendInvoice: ['reply_markup'],
}

function withoutUntyped(method: string, json: string): string {
  const result = JSON.parse(json) as Record<string, unknown>
  for (const key of untyped[method] ?? []) Reflect.deleteProperty(result, key)
  return JSON.stringify(result)
}

class BufferedFile {
  private readonly stream: WriteStream
  private lines: string[] = []
  private bytes = 0
  private timer: NodeJS.Timeout | null = null

  constructor(path: string) {
    this.stream = createWriteStream(path, { flags: 'a' })
  }

  line(text: string): void {
    this.lines.push(text)
    this.bytes += text.length
    if (this.bytes > flushAtBytes) this.write()
    else this.timer ??= setTimeout(() => this.write(), 200)
  }

  flush(): Promise<void> {
    this.write()
    return new Promise((resolve, reject) => {
      this.stream.write('', (error) => (error ? reject(error) : resolve()))
    })
  }

  close(): Promise<void> {
    this.write()
    return new Promise((resolve) => this.stream.end(resolve))
  }

  private write(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    if (this.lines.length === 0) return
    this.stream.write(`${this.lines.join('\n')}\n`)
    this.lines = []
    this.bytes = 0
  }
}
