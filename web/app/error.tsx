'use client'

import { LoadError } from '#web/components/load-error.tsx'
import { MessagePage } from '#web/components/state.tsx'

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <MessagePage>
      <LoadError digest={error.digest} reset={reset} />
    </MessagePage>
  )
}
