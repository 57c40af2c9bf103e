import { appendFileSync } from 'node:fs'
import type { WireEvent } from './control-types.ts'

export type TrafficLine =
  | {
      kind: 'request'
      method: string
      path: string
      /** The raw form, as it came. */
      body: string
      idempotency_key: string | null
      status: number
    }
  | { kind: 'response'; method: string; path: string; status: number; response: unknown }
  | { kind: 'event'; event: WireEvent }

/** JSON lines, written at once so that a killed process leaves a whole log. */
export function createTrafficLog(path: string | undefined): (line: TrafficLine) => void {
  if (path === undefined) return () => undefined
  appendFileSync(path, '') // a quiet run leaves an empty log, not a missing one
  return (line) => appendFileSync(path, `${JSON.stringify(line)}\n`)
}
