import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { inter, interCyrillic } from '#web/app/fonts.ts'
import { THEME_COOKIE, themeFrom } from '#web/components/theme.ts'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Paydesk', template: '%s · Paydesk' },
  robots: { index: false, follow: false },
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1, viewportFit: 'cover' }

/** The document. The theme comes with the request, so that the first paint is right without any script. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = themeFrom((await cookies()).get(THEME_COOKIE)?.value)
  return (
    <html
      lang="en"
      className={`${inter.variable} ${interCyrillic.variable}`}
      data-theme={theme === 'system' ? undefined : theme}
      suppressHydrationWarning
    >
      <body className="isolate min-h-dvh bg-page text-ink">{children}</body>
    </html>
  )
}
