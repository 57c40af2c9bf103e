import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTelegram, type TelegramOptions } from './server.ts'

export const testToken = '123456:TEST'

/** A stand-in without limits, logging its traffic to a folder of its own. */
export async function startPlay(options: Partial<TelegramOptions> = {}) {
  const trafficLog = mkdtempSync(join(tmpdir(), 'telegram-traffic-'))
  const standIn = await startTelegram({ token: testToken, limits: 'off', trafficLog, ...options })
  return { standIn, world: standIn.world, trafficLog, url: standIn.url }
}

/** Code and description of the refusal a call of the client ends in. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    const { error_code: code, description } = error as { error_code?: number; description?: string }
    if (code !== undefined && description !== undefined) return `${code} ${description}`
    throw error
  }
  throw new Error('the call was not refused')
}
