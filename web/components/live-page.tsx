'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { Badge } from '#web/components/badge.tsx'
import { followServer } from '#web/components/follow-server.ts'
import { formatExactTime } from '#web/components/format-time.ts'
import { isLeaving } from '#web/components/shell/leaving.ts'

/** Keeps the page up to date as long as it is open, and says whether it is: what is shown is as of `at`. */
export function LivePage({ at }: { at: Date }) {
  const router = useRouter()
  const [state, setState] = useState<'connecting' | 'live' | 'stale'>('connecting')

  useEffect(
    () =>
      followServer({
        redraw: () => router.refresh(),
        onHearing: (hears) => setState(hears ? 'live' : 'stale'),
        onSignedOut: () => {
          if (!isLeaving()) window.location.assign('/login?left=here')
        },
      }),
    [router],
  )

  return (
    <div role="status" title={`As of ${formatExactTime(at)}`}>
      {state === 'stale' ? (
        <Badge tone="warning">Not live: shown as it was at {at.toISOString().slice(11, 16)} UTC</Badge>
      ) : (
        <Badge tone={state === 'live' ? 'good' : 'neutral'}>{state === 'live' ? 'Live' : 'Connecting …'}</Badge>
      )}
    </div>
  )
}
