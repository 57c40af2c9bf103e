import type { Logger } from 'pino'

export type StopStep = [name: string, stop: () => Promise<void>]

/** Stops the parts one after the other; one that fails to does not keep the others from stopping. */
export async function stopInOrder(log: Logger, steps: StopStep[]): Promise<void> {
  for (const [name, step] of steps) {
    await step().catch((error: unknown) => log.error({ error, name }, 'a part did not stop cleanly'))
  }
}
