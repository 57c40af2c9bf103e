import { redirect } from 'next/navigation'
import { DAY_MS } from '#core/durations.ts'
import { listBotFacts } from '#core/health/heartbeat.ts'
import { checkLoginToken } from '#core/team/check-login-token.ts'
import { SendLogin, type SendLoginReason } from '#web/app/login/send-login.tsx'
import { SignInForm } from '#web/app/login/sign-in-form.tsx'
import { MessagePage } from '#web/components/state.tsx'
import { Wordmark } from '#web/components/wordmark.tsx'
import { getDeps } from '#web/server/deps.ts'
import { readSession } from '#web/server/session.ts'

export const metadata = { title: 'Sign in' }

const BOT_SEEN_WITHIN_MS = DAY_MS

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

/** Open to everybody. Looking at a link here never uses it up; only the button does. */
export default async function LoginPage({ searchParams }: Props) {
  const query = await searchParams
  return (
    <MessagePage>
      <Wordmark />
      {typeof query.token === 'string' ? <WithLink secret={query.token} /> : <WithoutLink left={query.left} />}
    </MessagePage>
  )
}

async function WithLink({ secret }: { secret: string }) {
  const state = await checkLoginToken(getDeps().database.prisma, { secret, now: new Date() })
  if (state.status === 'valid') {
    return <SignInForm secret={secret} name={state.member.name} role={state.member.role} />
  }
  return <SendLogin reason={state.status} chatUrl={await findChatUrl()} />
}

async function WithoutLink({ left }: { left: string | string[] | undefined }) {
  if (await readSession()) redirect('/')
  return <SendLogin reason={reasonOf(left)} chatUrl={await findChatUrl()} />
}

function reasonOf(left: string | string[] | undefined): SendLoginReason {
  if (left === 'here') return 'left'
  return left === 'everywhere' ? 'left-everywhere' : 'first'
}

async function findChatUrl(): Promise<string | null> {
  const [bot] = await listBotFacts(getDeps().database.prisma, { now: new Date(), withinMs: BOT_SEEN_WITHIN_MS })
  // The parameter says what somebody comes for; the sandbox's page then shows the owner's phone.
  return bot?.facts.chatUrl ? `${bot.facts.chatUrl}?start=login` : null
}
