import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { isRailCollapsed, RAIL_COOKIE } from '#web/components/shell/rail-cookie.ts'
import { Shell } from '#web/components/shell/shell.tsx'
import { THEME_COOKIE, themeFrom } from '#web/components/theme.ts'
import { readSession } from '#web/server/session.ts'

/** The frame around the dashboard's pages. It shows who is signed in; each page decides by itself who may see it. */
export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const session = await readSession()
  if (!session) return children
  const jar = await cookies()
  return (
    <Shell
      member={{ name: session.member.name, role: session.member.role }}
      theme={themeFrom(jar.get(THEME_COOKIE)?.value)}
      collapsed={isRailCollapsed(jar.get(RAIL_COOKIE)?.value)}
    >
      {children}
    </Shell>
  )
}
