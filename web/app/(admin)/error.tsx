'use client'

import { CloudAlert } from 'lucide-react'
import { Button } from '#web/components/button.tsx'
import { Card } from '#web/components/card.tsx'
import { EmptyState } from '#web/components/state.tsx'

export default function DashboardError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <Card>
      <EmptyState
        level="h1"
        icon={CloudAlert}
        title="This page could not be loaded"
        action={
          <Button look="primary" onClick={reset}>
            Try again
          </Button>
        }
      >
        Nothing was changed or lost. If it stays like this, the log names it
        {error.digest ? ` by ${error.digest}` : ''}.
      </EmptyState>
    </Card>
  )
}
