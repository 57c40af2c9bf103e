import { Composer, InputFile } from 'grammy'
import type { BotContext } from '#bot/context.ts'
import { assertNever } from '#core/assert-never.ts'
import { claimExport } from '#core/privacy/claim-export.ts'
import { exportUserData } from '#core/privacy/export-user-data.ts'

/** Sends a user everything that is kept about them. */
export const mydata = new Composer<BotContext>()

mydata.chatType('private').command('mydata', async (ctx) => {
  const { prisma } = ctx.services.database
  const now = ctx.services.now()
  const userId = BigInt(ctx.from.id)
  const claim = await claimExport(prisma, { userId, messageId: ctx.msg.message_id, now })
  switch (claim.status) {
    case 'claimed': {
      const pieces = exportUserData(prisma, { userId, now })
      const file = new InputFile(pieces, `my-data-${now.toISOString().slice(0, 10)}.json`)
      await ctx.replyWithDocument(file, { caption: ctx.t('privacy-mydata') })
      return
    }
    case 'too_soon':
      await ctx.reply(
        ctx.t('privacy-mydata-too-soon', { minutes: Math.ceil((claim.againAt.getTime() - now.getTime()) / 60_000) }),
      )
      return
    case 'unknown':
      await ctx.reply(ctx.t('privacy-nothing'))
      return
    default:
      assertNever(claim)
  }
})
