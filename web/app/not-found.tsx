import { Compass } from 'lucide-react'
import { ButtonLink } from '#web/components/button.tsx'
import { EmptyState, MessagePage } from '#web/components/state.tsx'

export const metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <MessagePage>
      <EmptyState
        level="h1"
        icon={Compass}
        title="There is no such page"
        action={<ButtonLink href="/">Go home</ButtonLink>}
      >
        The address may be mistyped, or what was here has gone.
      </EmptyState>
    </MessagePage>
  )
}
