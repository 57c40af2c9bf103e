'use client'

/** The last resort, when even the layout failed: no styles, no components, only words and a way on. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <main>
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
