/** `npm run db:generate`: the Prisma client from prisma/schema.prisma, without any download. */
import { generateClient } from './generate-client.ts'

await generateClient()
console.log('Wrote prisma/generated.')
