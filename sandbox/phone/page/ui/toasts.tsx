import { CircleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { type Side, setState, usePage } from '../world/store.ts'

/** What the bot or the sandbox says in passing, over the side it concerns. */
export function Toasts({ side }: { side: Side }) {
  const toasts = usePage((state) => state.toasts)
  return (
    <div className="toasts" role="status">
      {toasts
        .filter((toast) => toast.side === side)
        .map((toast) => (
          <p key={toast.id} className={toast.tone === 'bad' ? 'toast is-bad' : 'toast'}>
            {toast.tone === 'bad' && <CircleAlert aria-hidden size={16} />}
            <span dir="auto">{toast.text}</span>
          </p>
        ))}
    </div>
  )
}

/** What the bot wants to have read before anything else is done. */
export function Alert() {
  const alert = usePage((state) => state.alert)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (alert) dialog.current?.showModal()
  }, [alert])
  if (!alert) return null
  return (
    <dialog ref={dialog} className="alert" aria-label="Message from the bot" onClose={() => setState({ alert: null })}>
      <p dir="auto">{alert.text}</p>
      <button type="button" className="button is-primary" onClick={() => dialog.current?.close()}>
        OK
      </button>
    </dialog>
  )
}
