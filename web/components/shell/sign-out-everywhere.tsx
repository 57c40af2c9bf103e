'use client'

import { useTransition } from 'react'
import { Button } from '#web/components/button.tsx'
import { ConfirmDialog } from '#web/components/dialog.tsx'
import { leave } from '#web/components/shell/leaving.ts'
import { signOutOnEveryDevice } from '#web/server/account-actions.ts'

/** Ends all of the member's sessions after asking. */
export function SignOutEverywhere({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const [leaving, startLeaving] = useTransition()
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title="Sign out everywhere?"
      confirm={
        <Button look="danger" disabled={leaving} onClick={() => startLeaving(() => leave(signOutOnEveryDevice))}>
          {leaving ? 'Signing out …' : 'Sign out everywhere'}
        </Button>
      }
    >
      Every browser in which you are signed in is signed out at once, this one included. To come back, send /login to
      the bot.
    </ConfirmDialog>
  )
}
