import { type ReactNode, useRef, useState } from 'react'
import { FloatingMenu, type MenuItem } from './floating-menu.tsx'

interface MenuButtonProps {
  label: string
  icon: ReactNode
  items: MenuItem[]
  className?: string
  disabled?: boolean
}

export function MenuButton({ label, icon, items, className = 'icon-button', disabled }: MenuButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        disabled={disabled}
        onPointerDown={(event) => event.stopPropagation()}
        onClick={() => setOpen(!open)}
      >
        {icon}
      </button>
      {open && <FloatingMenu label={label} anchor={button} items={items} onClose={() => setOpen(false)} />}
    </>
  )
}
