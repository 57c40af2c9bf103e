import { Compass } from 'lucide-react'
import { ButtonLink } from '#web/components/button.tsx'
import { EmptyState, MessagePage } from '#web/components/state.tsx'
import { getDeps } from '#web/server/deps.ts'
import { findBotLink } from '#web/server/payments/bot-link.ts'

/** Says that nobody has handed out this link, and which command hands out a new one. */
export async function UnknownLink({ what, command }: { what: string; command: string }) {
  const botLink = await findBotLink(getDeps().database.prisma, { now: new Date() })
  return (
    <MessagePage>
      <EmptyState
        level="h1"
        icon={Compass}
        title={`We don't know this ${what}`}
        action={
          botLink !== null && (
            <ButtonLink external look="primary" size="large" href={botLink}>
              Back to the chat
            </ButtonLink>
          )
        }
      >
        It may have been cut off when it was copied. Nothing was charged. Send {command} in the chat to get a new one.
      </EmptyState>
    </MessagePage>
  )
}
