import { CreditCard, LayoutDashboard, PlugZap, Smartphone, UsersRound, Waypoints, Zap } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { GoLive } from './guide/go-live.tsx'
import { Guide } from './guide/guide.tsx'
import { StripeDesk } from './guide/stripe-desk.tsx'
import { Trouble } from './guide/trouble.tsx'
import { Phone } from './phone/phone.tsx'
import { Team } from './team/team.tsx'
import { Timeline } from './timeline/timeline.tsx'
import { WireSheet } from './timeline/wire-sheet.tsx'
import { Logo } from './ui/logo.tsx'
import { ThemeButton } from './ui/theme-button.tsx'
import { Alert } from './ui/toasts.tsx'
import { choosePerson, sendText } from './world/actions.ts'
import { showToast } from './world/attempt.ts'
import { getState, usePage } from './world/store.ts'
import { connect } from './world/sync.ts'

type Tab = 'phone' | 'team' | 'timeline'

export function App() {
  const [tab, setTab] = useState<Tab>('phone')
  const [panel, setPanel] = useState<'live' | 'stripe' | 'trouble' | null>(null)
  const troubles = usePage((state) => state.troubles)
  const connection = usePage((state) => state.connection)
  const isReady = usePage((state) => state.setup !== null && state.people.length > 0)
  return (
    <>
      <header className="top">
        <p className="ribbon">
          <b>Sandbox:</b> nothing here is real.{' '}
          <button type="button" className="link" onClick={() => setPanel('live')}>
            Go live
          </button>
        </p>
        <h1 className="brand">
          <Logo size={22} /> Paydesk
        </h1>
        <div className="top-actions">
          <button type="button" className="button" onClick={() => openDashboard(setTab)}>
            <LayoutDashboard aria-hidden size={16} /> <span>Open dashboard</span>
          </button>
          <button type="button" className="button" onClick={() => setPanel('stripe')}>
            <CreditCard aria-hidden size={16} /> <span>Stripe</span>
          </button>
          <button type="button" className="button" onClick={() => setPanel('trouble')}>
            <Zap aria-hidden size={16} /> <span>Make trouble</span>
            {troubles > 0 && (
              <b className="count is-warning">
                {troubles}
                <i className="visually-hidden"> on</i>
              </b>
            )}
          </button>
          <ThemeButton />
        </div>
      </header>
      {isReady && <Guide />}
      {connection === 'lost' && (
        <p className="banner" role="alert">
          <PlugZap aria-hidden size={16} /> The sandbox does not answer. What you see may be old.
          <button type="button" className="button is-small" onClick={() => void connect()}>
            Try again
          </button>
        </p>
      )}
      <Tabs tab={tab} onChoose={setTab} />
      <main className="stage" data-tab={tab}>
        {isReady ? (
          <>
            <Phone />
            <Timeline />
            <Team />
          </>
        ) : (
          connection !== 'lost' && <Skeleton />
        )}
      </main>
      <WireSheet />
      <Alert />
      {panel === 'live' && <GoLive onClose={() => setPanel(null)} />}
      {panel === 'stripe' && <StripeDesk onClose={() => setPanel(null)} />}
      {panel === 'trouble' && <Trouble onClose={() => setPanel(null)} />}
    </>
  )
}

/** The way into the dashboard is the real one: the owner asks the bot for a link that works once. */
function openDashboard(setTab: (tab: Tab) => void): void {
  const { setup } = getState()
  if (!setup) return
  const { ownerId } = setup
  choosePerson(ownerId)
  setTab('phone')
  void sendText({ side: 'phone', userId: ownerId, chatId: ownerId, thread: null, anonymous: false }, '/login').then(
    (sent) => sent && showToast('phone', 'The bot answers with a link that works once'),
  )
}

const tabs: { id: Tab; label: string; icon: typeof Smartphone }[] = [
  { id: 'phone', label: 'Phone', icon: Smartphone },
  { id: 'timeline', label: 'Timeline', icon: Waypoints },
  { id: 'team', label: 'Team', icon: UsersRound },
]

/** Where the screen has room for one thing at a time. */
function Tabs({ tab, onChoose }: { tab: Tab; onChoose: (tab: Tab) => void }) {
  return (
    <nav className="tabs" aria-label="View" onKeyDown={moveTab}>
      {tabs.map(({ id, label, icon: Icon }) => (
        <button key={id} type="button" aria-pressed={tab === id} onClick={() => onChoose(id)}>
          <Icon aria-hidden size={16} /> {label}
        </button>
      ))}
    </nav>
  )
}

function moveTab(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (step === undefined) return
  const all = [...event.currentTarget.querySelectorAll('button')]
  const at = all.findIndex((button) => button === document.activeElement)
  all[(at + step + all.length) % all.length]?.focus()
}

function Skeleton() {
  return (
    <>
      <p className="visually-hidden" role="status">
        Connecting to the sandbox
      </p>
      <div className="skeleton" />
      <div className="skeleton" />
      <div className="skeleton" />
    </>
  )
}
