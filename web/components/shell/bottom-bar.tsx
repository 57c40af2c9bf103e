'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { AccountMenu } from '#web/components/shell/account-menu.tsx'
import { isWithin, places } from '#web/components/shell/navigation.ts'
import type { ShellMember } from '#web/components/shell/shell.tsx'
import type { Theme } from '#web/components/theme.ts'

/** As many places as thumbs find without looking; the rest is under "More". */
const PLACES_SHOWN = 3

/** The way around on phones. */
export function BottomBar({ member, theme }: { member: ShellMember; theme: Theme }) {
  const pathname = usePathname()
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-10 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden print:hidden"
    >
      {places.slice(0, PLACES_SHOWN).map((place) => (
        <Link
          key={place.href}
          href={place.href}
          aria-current={isWithin(pathname, place) ? 'page' : undefined}
          className="flex h-14 flex-1 flex-col items-center justify-center gap-1 text-xs font-medium text-muted aria-[current]:text-accent"
        >
          <place.icon aria-hidden className="size-5" />
          {place.label}
        </Link>
      ))}
      <AccountMenu member={member} theme={theme} trigger="more" />
    </nav>
  )
}
