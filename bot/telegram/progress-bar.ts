const CELLS = 10

/** Ten cells that show how much of `full` is left. Something left never looks like nothing, nor less than all like all. */
export function progressBar(value: number, full: number): string {
  const share = full > 0 ? Math.min(1, Math.max(0, value / full)) : 0
  const rounded = Math.round(share * CELLS)
  const filled = share > 0 && share < 1 ? Math.min(CELLS - 1, Math.max(1, rounded)) : rounded
  return '▰'.repeat(filled) + '▱'.repeat(CELLS - filled)
}
