import { saveAfterChanges } from '../save-after-changes.ts'
import { readWhole, writeWhole } from '../whole-file.ts'
import { planExpiry } from './money/checkout-session.ts'
import { planRetry } from './money/collecting.ts'
import { planCancellation, planFinalization, planPeriodEnd, planResumption } from './money/subscribing.ts'
import type { Memory, StripeState } from './state.ts'

const VERSION = 1

interface Saved {
  version: number
  apiKey: string
  memory: Memory
}

/**
 * Brings back what the last run of the same account knew, with everything that was still to happen, and from now on saves
 * it a moment after each change, and once at the end. Webhooks that were on their way are lost.
 */
export function keepMemory(state: StripeState, path: string): { stop(): void } {
  restore(state, path)
  const { apiKey } = state.options
  const save = () => writeWhole(path, { version: VERSION, apiKey, memory: state.memory() } satisfies Saved)
  return saveAfterChanges((changed) => state.timeline.subscribe(changed), save)
}

function restore(state: StripeState, path: string): void {
  const saved = readWhole(path) as Saved | null
  if (saved?.version !== VERSION || saved.apiKey !== state.options.apiKey) return
  state.restore(saved.memory)
  for (const session of state.sessions.all()) planExpiry(state, session)
  for (const subscription of state.subscriptions.all()) {
    planPeriodEnd(state, subscription)
    planCancellation(state, subscription)
    planResumption(state, subscription)
  }
  for (const invoice of state.invoices.all()) {
    planFinalization(state, invoice)
    planRetry(state, invoice)
  }
}
