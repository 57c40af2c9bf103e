import { z } from 'zod'

/** One schema per environment variable. Each message says what to do, in words that follow the variable's name. */

const PLACEHOLDER = /change.?me|replace.?me|^your[-_ ]|placeholder|\.\.\.$|^<.*>$/i

/** Values copied from a guide would start, and be known to everybody who reads that guide. */
const secret = (hint: string) =>
  z
    .string({ error: `is missing: ${hint}` })
    .refine((value) => !PLACEHOLDER.test(value), { error: `still holds a placeholder: ${hint}` })
    // Where a hosting panel takes values literally they would be sent along, and refused only when somebody pays.
    .refine((value) => !/^["'].*["']$/.test(value), { error: 'stands in quotes: leave them out' })

export const botToken = secret('take the token that @BotFather gave you').regex(/^\d+:[\w-]+$/, {
  error: 'does not look like a bot token (123456789:AA…): copy it whole from @BotFather',
})

export const apiRoot = (standard: string) =>
  z
    .url({ protocol: /^https?$/, error: `must be an http or https address; leave it out for ${standard}` })
    .transform(withoutSlash)
    .default(standard)

export const adminGroupId = z
  .string({ error: 'is missing: the id of the team’s forum group, a negative number such as -1001234567890' })
  .regex(/^-\d{1,15}$/, { error: 'must be one negative number such as -1001234567890 (users have positive ids)' })
  .transform(Number)

export const ownerIds = z
  .string({ error: 'is missing: your own Telegram id, or several with commas between (@userinfobot tells it)' })
  .regex(/^\s*\d{1,15}(\s*,\s*\d{1,15})*\s*$/, {
    error: 'must be positive Telegram ids with commas between, such as 123456789,987654321',
  })
  .transform((text) => text.split(',').map(Number))

export const stripeApiKey = secret('take the secret key from the Stripe dashboard (Developers, API keys)').refine(
  (value) => !value.startsWith('pk_'),
  { error: 'is a publishable key: take the secret one, which begins with sk_ or rk_' },
)

export const stripeWebhookSecret = secret(
  'take the signing secret (whsec_…) of the webhook endpoint in the Stripe dashboard',
).refine((value) => !/^(sk|rk|pk)_/.test(value), {
  error: 'is an API key: take the signing secret of the webhook endpoint, which begins with whsec_',
})

export const databaseUrl = z
  .string({ error: 'is missing: a PostgreSQL address such as postgresql://user:password@host:5432/paydesk' })
  .refine((value) => URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol), {
    error: 'must be a PostgreSQL address such as postgresql://user:password@host:5432/paydesk',
  })

export const publicUrl = z
  .string({ error: 'is missing: the address under which people reach the web app, such as https://pay.example.com' })
  .check((context) => {
    const complaint = complaintAboutPublicUrl(context.value)
    if (complaint) context.issues.push({ code: 'custom', message: complaint, input: context.value })
  })
  .transform(withoutSlash)

/** Telegram refuses buttons that lead to a host without a dot, so such an address would break every pay link. */
function complaintAboutPublicUrl(value: string): string | null {
  if (!URL.canParse(value)) return 'must be a whole address such as https://pay.example.com'
  const url = new URL(value)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with https:// (or http://)'
  if (!url.hostname.includes('.')) {
    return `needs a host with a dot, because Telegram refuses “${url.hostname}” in buttons: use 127.0.0.1 or a real name`
  }
  if (url.pathname !== '/' || url.search || url.hash) return 'must end after the host (and port): leave out the path'
  return null
}

export const port = (standard: number) =>
  z
    .string()
    .regex(/^\d+$/, { error: `must be a port number; leave it out for ${standard}` })
    .transform(Number)
    .refine((value) => value <= 65_535, { error: 'must be a port number from 0 to 65535' })
    .default(standard)

export const sessionSecret = secret('make one with: openssl rand -base64 32').min(16, {
  error: 'is too short to be safe: make one with: openssl rand -base64 32',
})

export const currency = z
  .string()
  .regex(/^[a-zA-Z]{3}$/, { error: 'must be a three-letter currency code such as usd or eur' })
  .transform((value) => value.toLowerCase())
  .default('usd')

export const logLevel = z
  .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    error: 'must be one of trace, debug, info, warn, error, fatal, silent',
  })
  .default('info')

export const rate = (standard: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, { error: `must be a number above zero; leave it out for ${standard}` })
    .transform(Number)
    .refine((value) => value > 0, { error: `must be a number above zero; leave it out for ${standard}` })
    .default(standard)

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}
