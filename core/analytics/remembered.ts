interface Remembered<T> {
  at: number
  day: number
  answer: Promise<T>
}

/**
 * Keeps an answer for a while, and never over midnight UTC; askers at the same time share one question. Once the answer
 * is old the next asker waits for a new one, or, with `oldMeanwhile`, still gets it while the new one is being read.
 */
export function remembered<T>(
  ageMs: number,
  read: (now: Date) => Promise<T>,
  { oldMeanwhile = false }: { oldMeanwhile?: boolean } = {},
): (now: Date) => Promise<T> {
  let last: Remembered<T> | undefined

  function ask(now: Date, day: number): Promise<T> {
    const before = last
    const answer = read(now)
    const given = oldMeanwhile && before?.day === day ? before.answer : answer
    const mine = { at: now.getTime(), day, answer: given }
    last = mine
    answer.then(
      () => {
        mine.answer = answer
      },
      () => {
        if (last === mine) last = oldMeanwhile ? before : undefined
      },
    )
    return given
  }

  return (now) => {
    const day = now.getUTCDate()
    if (last && last.day === day && now.getTime() - last.at < ageMs) return last.answer
    return ask(now, day)
  }
}
