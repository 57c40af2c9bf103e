'use client'

import { Menu } from '@base-ui/react/menu'
import { cx } from 'class-variance-authority'
import { Check, ChevronsUpDown, Ellipsis, LogOut, Monitor, MonitorSmartphone, Moon, Sun } from 'lucide-react'
import { useState, useTransition } from 'react'
import { leave } from '#web/components/shell/leaving.ts'
import type { ShellMember } from '#web/components/shell/shell.tsx'
import { SignOutEverywhere } from '#web/components/shell/sign-out-everywhere.tsx'
import { applyTheme, type Theme, themes } from '#web/components/theme.ts'
import { signOutHere } from '#web/server/account-actions.ts'

const looks = {
  system: { label: 'Like the system', icon: Monitor },
  light: { label: 'Light', icon: Sun },
  dark: { label: 'Dark', icon: Moon },
} as const

const item =
  'flex min-h-9 cursor-default items-center gap-2.5 rounded-sm px-2.5 py-1.5 outline-none select-none data-[highlighted]:bg-sunken max-md:min-h-11'

/** Who is signed in, the theme, and the ways out. */
export function AccountMenu({
  member,
  theme,
  trigger,
}: {
  member: ShellMember
  theme: Theme
  trigger: 'full' | 'small' | 'more'
}) {
  const [chosen, setChosen] = useState(theme)
  const [asking, setAsking] = useState(false)
  const [leaving, startLeaving] = useTransition()
  return (
    <>
      <Menu.Root>
        <Trigger kind={trigger} member={member} />
        <Menu.Portal>
          <Menu.Positioner side="top" align={trigger === 'more' ? 'end' : 'start'} sideOffset={8} className="z-20">
            <Menu.Popup className="w-64 rounded-md border border-line bg-surface p-1.5 shadow-float outline-none">
              <div className="min-w-0 px-2.5 py-2">
                <bdi className="block truncate font-medium">{member.name}</bdi>
                <span className="text-xs text-muted capitalize">{member.role}</span>
              </div>
              <Separator />
              <Menu.RadioGroup
                value={chosen}
                onValueChange={(value: Theme) => {
                  setChosen(value)
                  applyTheme(value)
                }}
              >
                {themes.map((name) => {
                  const { icon: Icon, label } = looks[name]
                  return (
                    <Menu.RadioItem key={name} value={name} closeOnClick={false} className={item}>
                      <Icon aria-hidden className="size-4 text-muted" />
                      <span className="flex-1">{label}</span>
                      <Menu.RadioItemIndicator>
                        <Check aria-hidden className="size-4 text-accent" />
                      </Menu.RadioItemIndicator>
                    </Menu.RadioItem>
                  )
                })}
              </Menu.RadioGroup>
              <Separator />
              <Menu.Item
                className={item}
                disabled={leaving}
                closeOnClick={false}
                onClick={() => startLeaving(() => leave(signOutHere))}
              >
                <LogOut aria-hidden className="size-4 text-muted" />
                {leaving ? 'Signing out …' : 'Sign out'}
              </Menu.Item>
              <Menu.Item className={item} onClick={() => setAsking(true)}>
                <MonitorSmartphone aria-hidden className="size-4 text-muted" />
                Sign out everywhere
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <SignOutEverywhere open={asking} onOpenChange={setAsking} />
    </>
  )
}

function Separator() {
  return <Menu.Separator className="my-1.5 h-px bg-line" />
}

function Trigger({ kind, member }: { kind: 'full' | 'small' | 'more'; member: ShellMember }) {
  if (kind === 'more') {
    return (
      <Menu.Trigger className="flex h-14 flex-1 flex-col items-center justify-center gap-1 text-xs font-medium text-muted data-[popup-open]:text-accent">
        <Ellipsis aria-hidden className="size-5" />
        More
      </Menu.Trigger>
    )
  }
  const small = kind === 'small'
  return (
    <Menu.Trigger
      aria-label={small ? `Account of ${member.name}` : undefined}
      className={cx(
        'flex w-full items-center gap-2.5 rounded-md text-left hover:bg-sunken data-[popup-open]:bg-sunken',
        small ? 'justify-center py-1.5' : 'p-1.5',
      )}
    >
      <span
        aria-hidden
        className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
      >
        {initial(member.name)}
      </span>
      {!small && (
        <>
          <span className="min-w-0 flex-1">
            <bdi className="block truncate font-medium">{member.name}</bdi>
            <span className="block text-xs text-muted capitalize">{member.role}</span>
          </span>
          <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-muted" />
        </>
      )}
    </Menu.Trigger>
  )
}

/** The first letter as people see it, which may be several code points (emoji, accents). */
function initial(name: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim())
  return first?.segment.toUpperCase() ?? '?'
}
