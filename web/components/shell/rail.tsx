'use client'

import { cx } from 'class-variance-authority'
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { useState } from 'react'
import { AccountMenu } from '#web/components/shell/account-menu.tsx'
import { isWithin, places } from '#web/components/shell/navigation.ts'
import { rememberRail } from '#web/components/shell/rail-cookie.ts'
import type { ShellMember } from '#web/components/shell/shell.tsx'
import type { Theme } from '#web/components/theme.ts'
import { Wordmark } from '#web/components/wordmark.tsx'

/** The way around on desktop; collapsed it keeps the icons. Remembered in a cookie, so that nothing jumps on load. */
export function Rail({
  member,
  theme,
  initiallyCollapsed,
}: {
  member: ShellMember
  theme: Theme
  initiallyCollapsed: boolean
}) {
  const pathname = usePathname()
  const [collapsed, setCollapsed] = useState(initiallyCollapsed)
  const Toggle = collapsed ? PanelLeftOpen : PanelLeftClose
  const toggle = () => {
    setCollapsed(!collapsed)
    rememberRail(!collapsed)
  }
  return (
    <aside
      className={cx(
        'sticky top-0 hidden h-dvh shrink-0 flex-col border-r border-line bg-surface md:flex print:hidden',
        collapsed ? 'w-15' : 'w-56',
      )}
    >
      <div className={cx('flex items-center px-3 py-4', collapsed ? 'flex-col gap-3' : 'justify-between pl-4')}>
        <Wordmark short={collapsed} />
        <button
          type="button"
          onClick={toggle}
          aria-expanded={!collapsed}
          aria-label={collapsed ? 'Widen the navigation' : 'Narrow the navigation'}
          className="grid size-8 place-items-center rounded-md text-muted hover:bg-sunken hover:text-ink"
        >
          <Toggle aria-hidden className="size-4" />
        </button>
      </div>
      <nav aria-label="Main" className="flex-1 overflow-y-auto px-3">
        <ul className="flex flex-col gap-0.5">
          {places.map((place) => (
            <li key={place.href}>
              <Link
                href={place.href}
                aria-current={isWithin(pathname, place) ? 'page' : undefined}
                title={collapsed ? place.label : undefined}
                className="flex h-9 items-center gap-3 rounded-md px-2.5 font-medium text-muted hover:bg-sunken hover:text-ink aria-[current]:bg-accent-soft aria-[current]:text-accent"
              >
                <place.icon aria-hidden className="size-4 shrink-0" />
                <span className={collapsed ? 'sr-only' : 'truncate'}>{place.label}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="border-t border-line p-3">
        <AccountMenu member={member} theme={theme} trigger={collapsed ? 'small' : 'full'} />
      </div>
    </aside>
  )
}
