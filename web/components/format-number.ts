const whole = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** 1234567 is "1,234,567". */
export function formatNumber(value: number): string {
  return whole.format(value)
}

/** 1234567 is "1.2M": for estimates, where more digits would be a lie. */
export function formatRough(value: number): string {
  return compact.format(value)
}

/** "1 message", "1,200 messages". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}
