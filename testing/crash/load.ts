import { GROUP, OLIVIA, type Stage } from './stage.ts'

const USERS = 100
/** Every fifth of them runs out of credits. */
const POOR_EVERY = 5
const TICK_MS = 10
/** Updates that Telegram holds; with more of them everybody falls silent. */
const MOST_PENDING = 2_000
const ALBUM_EVERY = 50
const ANSWER_EVERY_MS = 250

/** What somebody wrote: one message, or the parts of an album, which are one message to the ledger. */
interface Said {
  messageId: number
  marks: string[]
  cost: number
}

export interface Writer {
  userId: number
  credits: number
  said: Said[]
}

export interface Load {
  writers: Writer[]
  /** Marks of answers by the topic they were written in, in order. */
  answers: Map<number, string[]>
  sent(): number
  /** Sends nothing more; resolves when the last album is complete. */
  stop(): Promise<void>
}

/** Many users write at once, each message with a mark of its own, and the team answers some of them. */
export async function startLoad(stage: Stage, random: () => number, perSecond: number): Promise<Load> {
  const { world, db } = stage
  const writers: Writer[] = []
  for (let index = 0; index < USERS; index++) {
    const credits = index % POOR_EVERY === 0 ? 3 + Math.floor(random() * 20) : 900
    writers.push({ userId: await stage.userWith(credits), credits, said: [] })
  }
  const albums: Promise<void>[] = []
  const answers = new Map<number, string[]>()
  let count = 0

  function say(): void {
    const writer = writers[Math.floor(random() * writers.length)]
    if (!writer) return
    const { userId, said, credits } = writer
    const mark = `m${count++}`
    if (credits < 900 || count % ALBUM_EVERY > 0) {
      const { message_id: messageId } = world.sendText({ userId, text: `#${mark}#` })
      said.push({ messageId, marks: [mark], cost: 1 })
      return
    }
    const marks = [`${mark}.1`, `${mark}.2`]
    const items = marks.map((one) => ({ kind: 'photo' as const, caption: `#${one}#` }))
    const sending = world.sendAlbum({ userId, items }).then((parts) => {
      said.push({ messageId: parts[0]?.message_id ?? 0, marks, cost: 3 })
    })
    albums.push(sending)
  }

  async function answerSomebody(): Promise<void> {
    const ready = await db.prisma.conversation.findMany({
      where: { topicState: 'ready' },
      select: { topicThreadId: true },
      orderBy: { userId: 'asc' },
    })
    const threadId = Number(ready[Math.floor(random() * ready.length)]?.topicThreadId ?? 0)
    if (threadId === 0) return
    const earlier = answers.get(threadId) ?? []
    const mark = `answer${earlier.length}`
    answers.set(threadId, [...earlier, mark])
    world.sendText({ userId: OLIVIA, chatId: GROUP, threadId, text: `#${mark}#` })
  }

  let lastAt = performance.now()
  let due = 0
  const writing = setInterval(() => {
    const now = performance.now()
    // A slow machine shall take as many kills, not fall behind for minutes.
    if (world.updateQueue().pending < MOST_PENDING) due += ((now - lastAt) * perSecond) / 1000
    lastAt = now
    for (; due >= 1; due--) say()
  }, TICK_MS)
  let answering: Promise<void> = Promise.resolve()
  const answeringTimer = setInterval(() => {
    answering = answering.then(answerSomebody)
  }, ANSWER_EVERY_MS)

  return {
    writers,
    answers,
    sent: () => count,
    async stop() {
      clearInterval(writing)
      clearInterval(answeringTimer)
      await answering
      await Promise.all(albums)
      for (const { said } of writers) said.sort((a, b) => a.messageId - b.messageId)
    },
  }
}
