'use client'

/** The last resort, when even the layout failed: no style sheet, no components, only words and a way on. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <head>
        <title>Paydesk could not be loaded</title>
        <meta name="color-scheme" content="light dark" />
      </head>
      <body>
        <main style={{ maxWidth: '28rem', margin: '20vh auto', padding: '0 1rem', font: '1rem/1.5 system-ui' }}>
          <h1>Paydesk could not be loaded</h1>
          <p>Nothing was changed or lost. The server may be starting, or its database may be away.</p>
          <button type="button" onClick={reset}>
            Try again
          </button>
        </main>
      </body>
    </html>
  )
}
