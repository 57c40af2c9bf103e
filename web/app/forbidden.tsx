import { Lock } from 'lucide-react'
import { ButtonLink } from '#web/components/button.tsx'
import { EmptyState, MessagePage } from '#web/components/state.tsx'

export const metadata = { title: 'No access' }

export default function Forbidden() {
  return (
    <MessagePage>
      <EmptyState
        level="h1"
        icon={Lock}
        title="Your role does not include this"
        action={<ButtonLink href="/">Go home</ButtonLink>}
      >
        An owner can change your role on the team page.
      </EmptyState>
    </MessagePage>
  )
}
