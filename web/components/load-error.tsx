'use client'

import { CloudAlert } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type ReactNode, startTransition, useCallback, useEffect } from 'react'
import { serverAnswers } from '#web/components/ask-server.ts'
import { Button } from '#web/components/button.tsx'
import { EmptyState } from '#web/components/state.tsx'

const RETRY_EVERY_MS = 10_000

/** A page that failed: says so, and tries again by itself as long as it is looked at. */
export function LoadError({
  digest,
  reset,
  children = 'Nothing was changed or lost.',
}: {
  digest: string | undefined
  reset: () => void
  /** What whoever reads it need not fear. */
  children?: ReactNode
}) {
  const router = useRouter()
  const retry = useCallback(async () => {
    if (!(await serverAnswers())) return
    startTransition(() => {
      // The first asks the server again, the second lets the answer be shown.
      router.refresh()
      reset()
    })
  }, [router, reset])
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void retry()
    }, RETRY_EVERY_MS)
    return () => clearInterval(timer)
  }, [retry])
  return (
    <EmptyState
      level="h1"
      icon={CloudAlert}
      title="This page could not be loaded"
      action={
        <Button look="primary" onClick={() => void retry()}>
          Try again
        </Button>
      }
    >
      {children} The page tries again by itself
      {digest ? `; the log names what happened by ${digest}` : ''}.
    </EmptyState>
  )
}
