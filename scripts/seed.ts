import { openDatabase } from '#core/db.ts'
import { seedProducts } from '#core/products/seed-products.ts'
import { ensureOwners } from '#core/team/members.ts'

/** What a new business begins with: its owners and its first products. Harmless to repeat at every start. */
export async function seedDatabase(
  connectionString: string,
  { currency, owners, isDemo = false }: { currency: string; owners: readonly number[] | undefined; isDemo?: boolean },
): Promise<{ products: number }> {
  const database = openDatabase({ connectionString, max: 2, application_name: 'paydesk seed' }, (error) => {
    throw error
  })
  try {
    if (owners) await ensureOwners(database.prisma, { ids: owners.map(BigInt) })
    return { products: await seedProducts(database.prisma, { currency, withSubscriptions: isDemo }) }
  } finally {
    await database.close()
  }
}
