import { GrammyError, type Transformer } from 'grammy'
import { classifyTelegramError } from '#bot/telegram/errors.ts'

/**
 * Telegram remembers a pressed button for seconds only. When the press is handled later, after a restart say, its
 * answer is refused; the work behind the button was done all the same, and must not be tried again for that.
 */
export const forgiveLateAnswers: Transformer = async (call, method, payload, signal) => {
  const result = await call(method, payload, signal)
  if (result.ok || method !== 'answerCallbackQuery') return result
  const failure = classifyTelegramError(new GrammyError('late answer', result, method, payload))
  if (failure?.kind !== 'bad-request') return result
  return { ok: true, result: true } as unknown as typeof result
}
