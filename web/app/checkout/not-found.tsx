import { UnknownLink } from '#web/app/checkout/unknown-link.tsx'

export default function UnknownPayLink() {
  return <UnknownLink what="pay link" command="/buy" />
}
