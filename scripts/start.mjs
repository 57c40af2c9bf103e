/** `npm start`: from a fresh clone to a running product. Installs what is missing, then hands over to launch.ts. */
import { ensureInstalled, requireNode } from './install.mjs'

requireNode()
await ensureInstalled()
const { register } = await import('tsx/esm/api')
register()
await import('./launch.ts')
