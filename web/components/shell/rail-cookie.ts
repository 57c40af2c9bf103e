export const RAIL_COOKIE = 'rail'

export function isRailCollapsed(cookie: string | undefined): boolean {
  return cookie === 'collapsed'
}

/** Keeps the rail's width for a year. Browser only. */
export function rememberRail(collapsed: boolean): void {
  document.cookie = `${RAIL_COOKIE}=${collapsed ? 'collapsed' : 'open'}; path=/; max-age=31536000; samesite=lax`
}
