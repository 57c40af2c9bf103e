import { CreditCard, LayoutDashboard, PlugZap, Smartphone, UsersRound, Waypoints, Zap } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
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
import { askForDashboard } from './world/actions.ts'
import { countUnseen } from './world/refresh.ts'
import { setState, type Tab, usePage } from './world/store.ts'
import { connect } from './world/sync.ts'

export function App() {
  const tab = usePage((state) => state.tab)
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
          <TopButton label="Open dashboard" short="Dashboard" icon={LayoutDashboard} onPress={askForDashboard} />
          <TopButton label="Stripe" short="Stripe" icon={CreditCard} onPress={() => setPanel('stripe')} />
          <TopButton label="Make trouble" short="Trouble" icon={Zap} onPress={() => setPanel('trouble')}>
            {troubles > 0 && (
              <b className="count is-warning">
                {troubles}
                <i className="visually-hidden"> on</i>
              </b>
            )}
          </TopButton>
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
      <Tabs tab={tab} />
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

interface TopButtonProps {
  label: string
  /** Under the icon where there is little room. */
  short: string
  icon: typeof Smartphone
  onPress: () => void
  children?: ReactNode
}

function TopButton({ label, short, icon: Icon, onPress, children }: TopButtonProps) {
  return (
    <button type="button" className="button" title={label} onClick={onPress}>
      <Icon aria-hidden size={16} />
      <span className="long-label">{label}</span>
      <span className="short-label" aria-hidden>
        {short}
      </span>
      {children}
    </button>
  )
}

const tabs: { id: Tab; label: string; icon: typeof Smartphone }[] = [
  { id: 'phone', label: 'Phone', icon: Smartphone },
  { id: 'timeline', label: 'Timeline', icon: Waypoints },
  { id: 'team', label: 'Team', icon: UsersRound },
]

/** Where the screen has room for one thing at a time. */
function Tabs({ tab }: { tab: Tab }) {
  const unseen = usePage(countUnseen)
  return (
    <nav className="tabs" aria-label="View" onKeyDown={moveTab}>
      {tabs.map(({ id, label, icon: Icon }) => (
        <button key={id} type="button" aria-pressed={tab === id} onClick={() => setState({ tab: id })}>
          <Icon aria-hidden size={16} /> {label}
          {id === 'team' && tab !== 'team' && unseen > 0 && (
            <b className="count">
              {unseen > 99 ? '99+' : unseen}
              <i className="visually-hidden"> new</i>
            </b>
          )}
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
