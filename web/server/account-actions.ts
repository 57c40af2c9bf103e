'use server'

import { redirect } from 'next/navigation'
import { signOut, signOutEverywhere } from '#core/team/sign-out.ts'
import { authorizedAction, forgetSessionCookie } from '#web/server/authorized.ts'
import { getDeps } from '#web/server/deps.ts'

export const signOutHere = authorizedAction('viewer', async (session) => {
  await signOut(getDeps().database.prisma, { session, now: new Date() })
  await forgetSessionCookie()
  redirect('/login?left=here')
})

export const signOutOnEveryDevice = authorizedAction('viewer', async (session) => {
  await signOutEverywhere(getDeps().database.prisma, { session, now: new Date() })
  await forgetSessionCookie()
  redirect('/login?left=everywhere')
})
