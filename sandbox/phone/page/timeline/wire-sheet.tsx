import { Fragment, type ReactNode } from 'react'
import { Sheet } from '../ui/sheet.tsx'
import { exactTime } from '../ui/times.ts'
import { setState, usePage } from '../world/store.ts'

/** One call over the wire, as it was. */
export function WireSheet() {
  const wire = usePage((state) => state.wire)
  if (!wire) return null
  return (
    <Sheet title={wire.title} onClose={() => setState({ wire: null })}>
      <p className="wire-when">
        {exactTime(wire.at)}
        {wire.durationMs !== null && ` · ${wire.durationMs} ms`}
      </p>
      <h3>{wire.received === null ? 'Content' : 'Sent'}</h3>
      <Json value={wire.sent} />
      {wire.received !== null && (
        <>
          <h3>Answer</h3>
          <Json value={wire.received} />
        </>
      )}
    </Sheet>
  )
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

function Json({ value }: { value: unknown }) {
  const text = JSON.stringify(value ?? null, null, 2)
  const parts: ReactNode[] = []
  let at = 0
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(at, match.index))
    const kind = match[2] ? 'json-key' : match[1] ? 'json-text' : 'json-value'
    parts.push(<span className={kind}>{match[1] ?? match[0]}</span>, match[2] ?? '')
    at = match.index + match[0].length
  }
  parts.push(text.slice(at))
  return (
    <pre className="json">
      {parts.map((part, index) => (
        <Fragment key={index}>{part}</Fragment>
      ))}
    </pre>
  )
}
