import type { Db } from '#core/db.ts'
import type { LedgerKind } from '#prisma'

/** One line of a user's history: a movement, or all messages of a day that follow one another. */
export interface HistoryLine {
  kind: LedgerKind
  /** What tells apart movements of one kind. */
  ref: string
  reason: string | null
  /** How many movements it stands for. */
  count: number
  /** Credits that came (or, negative, went); debt counts as gone. */
  amount: number
  passSeconds: number
  /** Credits after it, debt subtracted. */
  balanceAfter: number
  /** When the newest of its movements was booked. */
  at: Date
  firstVersion: number
  lastVersion: number
}

/** A page, newest line first. `older` and `newer` are the cursors of the pages beside it; null where there is none. */
export interface HistoryPage {
  lines: HistoryLine[]
  older: HistoryCursor | null
  newer: HistoryCursor | null
}

/** Lines on one side of a movement, which is named by its number in the user's ledger. */
export interface HistoryCursor {
  side: 'older' | 'newer'
  than: number
}

interface Entry {
  version: number
  kind: LedgerKind
  ref: string
  reason: string | null
  amount: number
  passSeconds: number
  balanceAfter: number
  createdAt: Date
}

const READ_AT_ONCE = 200

/**
 * A page of everything that moved a user's credits and time, with its reason and the balance after it. Charges of
 * messages that follow one another on one day (UTC) are summed up in one line; what moved nothing is left out.
 * Without a cursor the newest page, and also where a `newer` page would not be full.
 */
export async function listHistory(
  db: Db,
  { userId, cursor = null, limit }: { userId: bigint; cursor?: HistoryCursor | null; limit: number },
): Promise<HistoryPage> {
  if (cursor?.side === 'newer') {
    const lines = (await collectLines(db, { userId, cursor, limit: limit + 1 })).reverse()
    if (lines.length <= limit) return listHistory(db, { userId, limit })
    const page = lines.slice(1)
    return pageOf(page, { hasOlder: true, hasNewer: true })
  }
  const lines = await collectLines(db, { userId, cursor, limit: limit + 1 })
  return pageOf(lines.slice(0, limit), { hasOlder: lines.length > limit, hasNewer: cursor !== null })
}

function pageOf(lines: HistoryLine[], { hasOlder, hasNewer }: { hasOlder: boolean; hasNewer: boolean }): HistoryPage {
  const [newest, oldest] = [lines[0], lines.at(-1)]
  return {
    lines,
    older: oldest && hasOlder ? { side: 'older', than: oldest.firstVersion } : null,
    newer: newest && hasNewer ? { side: 'newer', than: newest.lastVersion } : null,
  }
}

interface Walk {
  userId: bigint
  cursor: HistoryCursor | null
  limit: number
}

/** Walks away from the cursor until so many lines are complete, or nothing is left. */
async function collectLines(db: Db, { userId, cursor, limit }: Walk): Promise<HistoryLine[]> {
  const lines: HistoryLine[] = []
  let from = cursor
  for (;;) {
    const entries = await readEntries(db, { userId, cursor: from })
    for (const entry of entries) {
      const last = lines.at(-1)
      if (last && isSameLine(last, entry)) widen(last, entry)
      else if (lines.length === limit) return lines
      else lines.push(lineOf(entry))
    }
    const lastRead = entries.at(-1)
    if (!lastRead || entries.length < READ_AT_ONCE) return lines
    from = { side: cursor?.side ?? 'older', than: lastRead.version }
  }
}

async function readEntries(db: Db, { userId, cursor }: Omit<Walk, 'limit'>): Promise<Entry[]> {
  const version = !cursor ? {} : { version: cursor.side === 'older' ? { lt: cursor.than } : { gt: cursor.than } }
  return db.ledgerEntry.findMany({
    where: { userId, ...version, OR: [{ amount: { not: 0 } }, { passSeconds: { not: 0 } }] },
    orderBy: { version: cursor?.side === 'newer' ? 'asc' : 'desc' },
    take: READ_AT_ONCE,
    select: {
      version: true,
      kind: true,
      ref: true,
      reason: true,
      amount: true,
      passSeconds: true,
      balanceAfter: true,
      createdAt: true,
    },
  })
}

function isSameLine(line: HistoryLine, entry: Entry): boolean {
  return line.kind === 'spend' && entry.kind === 'spend' && dayOf(line.at) === dayOf(entry.createdAt)
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}

function lineOf({ version, createdAt, ...entry }: Entry): HistoryLine {
  return { ...entry, count: 1, at: createdAt, firstVersion: version, lastVersion: version }
}

/** Takes a neighbour into a line, whichever way one walks. */
function widen(line: HistoryLine, { version, amount, balanceAfter, createdAt }: Entry): void {
  line.count += 1
  line.amount += amount
  if (version < line.firstVersion) line.firstVersion = version
  else Object.assign(line, { lastVersion: version, balanceAfter, at: createdAt })
}
