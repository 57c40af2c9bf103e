import { join } from 'node:path'
import { BOT_ENVIRONMENT, BOT_NODE_ARGS } from '../scripts/bot-memory.ts'
import { ROOT } from '../scripts/project.ts'

export interface Variant {
  name: string
  entry: string
  nodeArgs: readonly string[]
  env?: Readonly<Record<string, string>>
  /** How users learn what is left: Paydesk's setting. */
  receipts: 'off' | 'message'
  /** Whether it keeps books that can be checked. */
  charges: boolean
}

const dist = (name: string) => join(ROOT, 'dist', name)

export const bare: Variant = {
  name: 'bare runner, forwards only',
  entry: dist('bench/bare-forwarder.mjs'),
  nodeArgs: [],
  receipts: 'off',
  charges: false,
}
export const naive: Variant = {
  name: 'naive: select, update, insert, forward',
  entry: dist('bench/naive-relay.mjs'),
  nodeArgs: [],
  receipts: 'off',
  charges: true,
}
export const paydesk: Variant = {
  name: 'Paydesk, receipts off',
  entry: dist('bot/main.mjs'),
  nodeArgs: BOT_NODE_ARGS,
  env: BOT_ENVIRONMENT,
  receipts: 'off',
  charges: true,
}
export const paydeskWithReceipts: Variant = {
  name: 'Paydesk, a receipt per message',
  entry: dist('bot/main.mjs'),
  nodeArgs: BOT_NODE_ARGS,
  env: BOT_ENVIRONMENT,
  receipts: 'message',
  charges: true,
}
