import type { ReactNode } from 'react'
import { BottomBar } from '#web/components/shell/bottom-bar.tsx'
import { Rail } from '#web/components/shell/rail.tsx'
import type { Theme } from '#web/components/theme.ts'

export interface ShellMember {
  name: string
  role: string
}

/** The frame of the dashboard: a rail on the left, or a bar at the bottom of phones, around every page. */
export function Shell({
  member,
  theme,
  collapsed,
  children,
}: {
  member: ShellMember
  theme: Theme
  collapsed: boolean
  children: ReactNode
}) {
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-surface focus:px-3 focus:py-2"
      >
        Skip to the content
      </a>
      <Rail member={member} theme={theme} initiallyCollapsed={collapsed} />
      <main id="content" tabIndex={-1} className="min-w-0 flex-1 px-4 pt-5 pb-24 outline-none md:px-8 md:pt-7 md:pb-10">
        <div className="mx-auto max-w-[75rem]">
          <noscript>
            <p className="mb-4">The dashboard needs JavaScript, which is switched off in this browser.</p>
          </noscript>
          {children}
        </div>
      </main>
      <BottomBar member={member} theme={theme} />
    </div>
  )
}
