'use client'

import { Card } from '#web/components/card.tsx'
import { LoadError } from '#web/components/load-error.tsx'

export default function DashboardError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <Card>
      <LoadError digest={error.digest} reset={reset} />
    </Card>
  )
}
