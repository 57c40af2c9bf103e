import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'

/** A panel from the right edge that takes the focus until it is closed. */
export function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      className="sheet"
      aria-label={title}
      onClose={onClose}
      onPointerDown={(event) => {
        if (event.target === dialog.current) dialog.current.close()
      }}
    >
      <div className="sheet-body">
        <header className="sheet-header">
          <h2>{title}</h2>
          <button type="button" className="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
            <X aria-hidden size={18} />
          </button>
        </header>
        <div className="sheet-content" tabIndex={0} role="region" aria-label={`${title}, content`}>
          {children}
        </div>
      </div>
    </dialog>
  )
}
