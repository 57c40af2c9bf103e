/** `npm run build`: everything a deployment needs, into dist/ and web/.next/. Name parts to build only those. */
import { buildBundle, buildClient, buildWeb } from './build.ts'

const report = (subject: string, text: string) => console.log(`  ${subject.padEnd(11)}${text}`)
const parts = process.argv.length > 2 ? process.argv.slice(2) : ['bot', 'migrate', 'sandbox', 'web']

await buildClient(report)
for (const part of parts) {
  if (part === 'web') await buildWeb(report)
  else if (part === 'bot' || part === 'sandbox' || part === 'migrate') await buildBundle(part, report)
  else throw new Error(`There is no part named ${part}; there are bot, migrate, sandbox and web.`)
}
