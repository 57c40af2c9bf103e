'use client'

import { CloudAlert } from 'lucide-react'
import { Button } from '#web/components/button.tsx'
import { EmptyState, MessagePage } from '#web/components/state.tsx'

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <MessagePage>
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
    </MessagePage>
  )
}
