import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react'

export interface MenuItem {
  label: string
  icon?: ReactNode
  isDangerous?: boolean
  onSelect: () => void
}

interface FloatingMenuProps {
  label: string
  /** Where it opens; focus goes back there afterwards. */
  anchor: RefObject<HTMLElement | null>
  /** Exactly here, for a context menu. */
  point?: { x: number; y: number } | null
  items: MenuItem[]
  /** Drawn above the items, for example a row of reactions. */
  top?: ReactNode
  onClose: () => void
}

/** A menu over everything else: arrows move, Escape closes, a click elsewhere closes, focus returns. */
export function FloatingMenu({ label, anchor, point, items, top, onClose }: FloatingMenuProps) {
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const menu = box.current
    if (!menu || !anchor.current) return
    menu.showPopover()
    place(menu, anchor.current, point)
    entriesOf(menu)[0]?.focus({ preventScroll: true })
  }, [anchor, point])
  useEffect(() => {
    const closeOutside = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) onClose()
    }
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [onClose])
  const close = () => {
    onClose()
    anchor.current?.focus({ preventScroll: true })
  }
  return (
    <div
      ref={box}
      popover="manual"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      className="menu"
      onKeyDown={(event) => onMenuKey(event, close)}
    >
      {top}
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={item.isDangerous ? 'menu-item is-dangerous' : 'menu-item'}
          onClick={() => {
            close()
            item.onSelect()
          }}
        >
          {item.icon}
          {item.label}
        </button>
      ))}
    </div>
  )
}

function onMenuKey(event: KeyboardEvent<HTMLDivElement>, close: () => void): void {
  const entries = entriesOf(event.currentTarget)
  const at = entries.findIndex((entry) => entry === document.activeElement)
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1 }
  const target = event.key === 'Home' ? 0 : event.key === 'End' ? entries.length - 1 : steps[event.key]
  if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault()
    event.stopPropagation()
    close()
  } else if (target !== undefined) {
    event.preventDefault()
    entries[(target + entries.length) % entries.length]?.focus()
  }
}

function entriesOf(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]')]
}

/** Beside its anchor, on the side where there is room, never outside of the window. */
function place(menu: HTMLElement, anchor: HTMLElement, point: { x: number; y: number } | null | undefined): void {
  const edge = 8
  const at = anchor.getBoundingClientRect()
  const from = point ? { left: point.x, right: point.x, top: point.y, bottom: point.y } : at
  const { offsetWidth: width, offsetHeight: height } = menu
  const fitsBelow = from.bottom + height + edge < window.innerHeight
  const top = fitsBelow ? from.bottom + 4 : from.top - height - 4
  const left = from.left + width + edge < window.innerWidth ? from.left : from.right - width
  menu.style.top = `${Math.max(edge, Math.min(top, window.innerHeight - height - edge))}px`
  menu.style.left = `${Math.max(edge, Math.min(left, window.innerWidth - width - edge))}px`
}
