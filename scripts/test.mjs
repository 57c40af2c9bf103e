/** `npm test`: from a fresh clone to one line `N passed, N failed`. Installs what is missing, then runs every suite. */
import { ensureInstalled, requireNode } from './install.mjs'

requireNode()
await ensureInstalled()
const { register } = await import('tsx/esm/api')
register()
await import('./test-all.ts')
