let leaving = false

/** Runs a sign-out of this page's own; it leads on to where it says what was done. */
export async function leave(signOut: () => Promise<void>): Promise<void> {
  leaving = true
  try {
    await signOut()
  } finally {
    leaving = false
  }
}

/** Whether the session ends because this page asked for it; then the page is on its way already. */
export function isLeaving(): boolean {
  return leaving
}
