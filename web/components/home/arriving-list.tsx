'use client'

import { createContext, type ReactNode, useContext, useState } from 'react'

const Known = createContext<ReadonlySet<string>>(new Set())

/** A list whose later entries light up once when they come; those it begins with do not. */
export function ArrivingList({ initialKeys, children }: { initialKeys: string[]; children: ReactNode }) {
  const [known] = useState(() => new Set(initialKeys))
  return (
    <Known value={known}>
      <ul className="divide-y divide-line">{children}</ul>
    </Known>
  )
}

export function ArrivingItem({ id, children }: { id: string; children: ReactNode }) {
  const isNew = !useContext(Known).has(id)
  return <li className={isNew ? 'animate-changed' : undefined}>{children}</li>
}
