import { cva, cx, type VariantProps } from 'class-variance-authority'
import Link from 'next/link'
import type { ComponentProps } from 'react'

const button = cva(
  'inline-flex items-center justify-center gap-2 rounded-md border font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-55',
  {
    variants: {
      look: {
        primary: 'border-transparent bg-accent text-on-accent enabled:hover:bg-accent-hover [a]:hover:bg-accent-hover',
        quiet: 'border-line bg-surface text-ink enabled:hover:bg-sunken [a]:hover:bg-sunken',
        danger: 'border-transparent bg-bad text-page enabled:hover:brightness-110',
      },
      size: {
        regular: 'min-h-9 px-3.5 py-1.5 text-sm max-md:min-h-11',
        large: 'min-h-11 px-5 py-2 text-base',
      },
      width: { auto: '', full: 'w-full' },
    },
    defaultVariants: { look: 'quiet', size: 'regular', width: 'auto' },
  },
)

type Look = VariantProps<typeof button>

/** A button says what it does with a verb ("Send gift"). */
export function Button({ look, size, width, className, type = 'button', ...rest }: ComponentProps<'button'> & Look) {
  return <button type={type} className={cx(button({ look, size, width }), className)} {...rest} />
}

/** A link that looks like a button: inside the app, or `external`; then the other side is not told where it came from. */
export function ButtonLink({
  look,
  size,
  width,
  className,
  href,
  external = false,
  ...rest
}: ComponentProps<'a'> & Look & { href: string; external?: boolean }) {
  const classes = cx(button({ look, size, width }), className)
  if (external) return <a className={classes} href={href} rel="noreferrer" {...rest} />
  return <Link className={classes} href={href} {...rest} />
}
