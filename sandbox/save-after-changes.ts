const SAVE_AFTER_MS = 1_000

/** Saves a moment after each change, however many come, and once at the end. */
export function saveAfterChanges(subscribe: (changed: () => void) => () => void, save: () => void): { stop(): void } {
  let timer: NodeJS.Timeout | undefined
  const saveNow = () => {
    timer = undefined
    save()
  }
  const unsubscribe = subscribe(() => {
    timer ??= setTimeout(saveNow, SAVE_AFTER_MS)
  })
  return {
    stop() {
      unsubscribe()
      clearTimeout(timer)
      save()
    },
  }
}
