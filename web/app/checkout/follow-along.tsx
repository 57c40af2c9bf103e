'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { serverAnswers } from '#web/components/ask-server.ts'

const EVERY_MS = 3_000
/** Slow payment methods take days; nobody watches that long. */
const AT_MOST_TIMES = 40

/** Asks the server for this page again every few seconds, for two minutes. Shows nothing itself. */
export function FollowAlong() {
  const router = useRouter()
  useEffect(() => {
    let left = AT_MOST_TIMES
    let isOver = false
    const refresh = async () => {
      if ((await serverAnswers()) && !isOver) router.refresh()
    }
    const timer = setInterval(() => {
      void refresh()
      left -= 1
      if (left === 0) clearInterval(timer)
    }, EVERY_MS)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [router])
  return null
}
