'use client'

import { useState } from 'react'

/** A value that changes by itself: when it does, its background lights up once and fades. */
export function Changing({ children }: { children: string }) {
  const [shown, setShown] = useState({ value: children, changes: 0 })
  if (shown.value !== children) setShown({ value: children, changes: shown.changes + 1 })
  return (
    <span key={shown.changes} className={shown.changes > 0 ? 'animate-changed rounded-sm' : undefined}>
      {children}
    </span>
  )
}
