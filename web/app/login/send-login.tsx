import { Send } from 'lucide-react'
import { ButtonLink } from '#web/components/button.tsx'

export type SendLoginReason = 'first' | 'left' | 'left-everywhere' | 'used' | 'expired' | 'unknown'

const titles: Record<SendLoginReason, string> = {
  first: 'Sign in to the dashboard',
  left: 'You are signed out',
  'left-everywhere': 'You are signed out everywhere',
  used: 'This link was used already',
  expired: 'This link has expired',
  unknown: 'This link does not work',
}

const explanations: Record<SendLoginReason, string | null> = {
  first: null,
  left: null,
  'left-everywhere': null,
  used: 'Each link signs in once. If that was not you, tell an owner.',
  expired: 'Links work for two minutes.',
  unknown: 'It may be cut off, or its owner may have left the team.',
}

/** How to come by a sign-in link. */
export function SendLogin({ reason, chatUrl }: { reason: SendLoginReason; chatUrl: string | null }) {
  const explanation = explanations[reason]
  return (
    <>
      <h1 className="mt-5 text-xl font-semibold">{titles[reason]}</h1>
      {explanation !== null && <p className="mt-2 text-muted">{explanation}</p>}
      <p className="mt-2 text-muted">
        There is no password. Send <code className="rounded-sm bg-sunken px-1.5 py-0.5 text-ink">/login</code> to the
        bot in Telegram; if you belong to the team, it answers with a link that signs you in.
      </p>
      {chatUrl !== null && (
        <ButtonLink className="mt-5" look="primary" size="large" width="full" href={chatUrl} external>
          <Send aria-hidden className="size-4" />
          Open the bot
        </ButtonLink>
      )}
    </>
  )
}
