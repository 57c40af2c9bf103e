import type { NextRequest } from 'next/server'
import NextAuth from 'next-auth'
import { createAuthOptions } from '#web/server/auth-options.ts'
import { getDeps } from '#web/server/deps.ts'
import { isSameOrigin } from '#web/server/same-origin.ts'

interface Context {
  params: Promise<{ nextauth: string[] }>
}

export function GET(request: NextRequest, context: Context): Promise<Response> {
  return NextAuth(request, context, createAuthOptions())
}

export async function POST(request: NextRequest, context: Context): Promise<Response> {
  if (!isSameOrigin(request.headers, getDeps().config.publicUrl)) {
    return Response.json({ error: 'This request came from another site.' }, { status: 403 })
  }
  return NextAuth(request, context, createAuthOptions())
}
