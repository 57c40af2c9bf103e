'use client'

import { LoadError } from '#web/components/load-error.tsx'
import { MessagePage } from '#web/components/state.tsx'

export default function CheckoutError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <MessagePage>
      <LoadError digest={error.digest} reset={reset}>
        If you have paid already, there is nothing to do: the bot confirms it in the chat.
      </LoadError>
    </MessagePage>
  )
}
