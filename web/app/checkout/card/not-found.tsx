import { UnknownLink } from '#web/app/checkout/unknown-link.tsx'

export const metadata = { title: 'Unknown card link' }

export default function UnknownCardLink() {
  return <UnknownLink what="card link" command="/autorecharge" />
}
