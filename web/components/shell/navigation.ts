import { House, type LucideIcon } from 'lucide-react'

interface Place {
  href: string
  label: string
  icon: LucideIcon
}

/** What the rail and the phone's bottom bar lead to, in this order. */
export const places: readonly Place[] = [{ href: '/', label: 'Home', icon: House }]

/** Whether an address is the place or lies within it. */
export function isWithin(pathname: string, { href }: Place): boolean {
  return href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`)
}
