import { Compass } from 'lucide-react'
import { ButtonLink } from '#web/components/button.tsx'
import { EmptyState, MessagePage } from '#web/components/state.tsx'
import { getDeps } from '#web/server/deps.ts'
import { findBotLink } from '#web/server/payments/bot-link.ts'

export const metadata = { title: 'Unknown pay link' }

export default async function UnknownPayLink() {
  const botLink = await findBotLink(getDeps().database.prisma, { now: new Date() })
  return (
    <MessagePage>
      <EmptyState
        level="h1"
        icon={Compass}
        title="We don't know this pay link"
        action={
          botLink !== null && (
            <ButtonLink external look="primary" size="large" href={botLink}>
              Back to the chat
            </ButtonLink>
          )
        }
      >
        It may have been cut off when it was copied. Nothing was charged. Send /buy in the chat to get a new one.
      </EmptyState>
    </MessagePage>
  )
}
