import { UnknownLink } from '#web/app/checkout/unknown-link.tsx'

export const metadata = { title: 'Unknown pay link' }

export default function UnknownPayLink() {
  return <UnknownLink what="pay link" command="/buy" />
}
