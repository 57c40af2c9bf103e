'use client'

import { signIn } from 'next-auth/react'
import { useState, useSyncExternalStore } from 'react'
import { ToneIcon } from '#web/components/badge.tsx'
import { Button } from '#web/components/button.tsx'

type Progress = 'asked' | 'working' | 'refused' | 'unreachable'

/** Who the link signs in, and the button that does it. */
export function SignInForm({ secret, name, role }: { secret: string; name: string; role: string }) {
  const [progress, setProgress] = useState<Progress>('asked')
  const isReady = useIsReady()

  async function confirm() {
    setProgress('working')
    try {
      const answer = await signIn('one-time-link', { token: secret, redirect: false })
      if (answer?.ok) window.location.assign('/')
      else setProgress('refused')
    } catch {
      setProgress('unreachable')
    }
  }

  return (
    <>
      <h1 className="mt-5 text-xl font-semibold">Sign in to the dashboard</h1>
      <p className="mt-2 text-muted">
        This link is for <bdi className="font-medium break-words text-ink">{name}</bdi>, {role} of this team. If that is
        not you, close the page.
      </p>
      <Button
        className="mt-5"
        look="primary"
        size="large"
        width="full"
        disabled={!isReady || progress === 'working' || progress === 'refused'}
        onClick={() => void confirm()}
      >
        {progress === 'working' ? 'Signing in …' : 'Sign in'}
      </Button>
      <noscript>
        <p className="mt-4">Signing in needs JavaScript, which is switched off in this browser.</p>
      </noscript>
      <Trouble progress={progress} />
    </>
  )
}

/** False until the page can react: a tap that comes sooner must not be lost without a word. */
function useIsReady(): boolean {
  return useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  )
}

function Trouble({ progress }: { progress: Progress }) {
  const refused = 'This link was used already or has expired. Send /login to the bot for a new one.'
  const unreachable = 'The server could not be reached. The link is not used up; try again.'
  const shown = progress === 'refused' || progress === 'unreachable'
  return (
    <div role="alert" className={shown ? 'mt-4 flex gap-2 rounded-md bg-bad-soft p-3 text-bad' : undefined}>
      {shown && (
        <>
          <ToneIcon tone="bad" className="mt-0.5 size-4 shrink-0" />
          <p>{progress === 'refused' ? refused : unreachable}</p>
        </>
      )}
    </div>
  )
}
