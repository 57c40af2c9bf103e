import { format } from 'node:util'

const recorded: string[] = []

/** From now on `console.error` is kept instead of printed. */
export function recordConsoleErrors(): void {
  console.error = (...values: unknown[]) => {
    recorded.push(format(...values))
  }
}

/** What `console.error` was given since the last call. A test that expects an error takes it here. */
export function takeConsoleErrors(): string[] {
  return recorded.splice(0)
}
