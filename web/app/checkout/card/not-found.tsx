import { UnknownLink } from '#web/app/checkout/unknown-link.tsx'

export default function UnknownCardLink() {
  return <UnknownLink what="card link" command="/autorecharge" />
}
