/** What a person is called; Telegram allows names that show nothing, then their number stands in. */
export function fullName(person: { userId: bigint | null; firstName: string | null; lastName: string | null }): string {
  const name = [person.firstName, person.lastName].filter(Boolean).join(' ').trim()
  const visible = name.replace(/[\p{Cf}\p{Cc}\p{Z}\u{2800}\u{3164}\u{115F}\u{1160}\u{FFA0}]/gu, '')
  if (visible !== '') return name
  return person.userId === null ? 'Somebody' : `User ${person.userId}`
}

/** A name that somebody chose: as text, cut where it would not fit, and kept from turning the line around. */
export function PersonName({ person }: { person: Parameters<typeof fullName>[0] }) {
  const name = fullName(person)
  return (
    <bdi className="max-w-full truncate font-medium" title={name}>
      {name}
    </bdi>
  )
}
