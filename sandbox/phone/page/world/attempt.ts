import { type Side, setState } from './store.ts'

const TOAST_SHOWN_MS = 4_000

let toasts = 0

export function showToast(side: Side, text: string, tone: 'info' | 'bad' = 'info'): void {
  toasts += 1
  const id = toasts
  setState((now) => ({ toasts: [...now.toasts, { id, side, text, tone }].slice(-3) }))
  setTimeout(() => setState((now) => ({ toasts: now.toasts.filter((toast) => toast.id !== id) })), TOAST_SHOWN_MS)
}

/** Does it; what the world refuses is shown to the person and nothing else happens. */
export async function attempt(side: Side, act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    showToast(side, error instanceof Error ? error.message : String(error), 'bad')
    return false
  }
}
