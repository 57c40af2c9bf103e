import { ArrowDown, ArrowUp, Equal } from 'lucide-react'
import type { Home } from '#core/analytics/home-reader.ts'
import type { Compared } from '#core/analytics/read-today.ts'
import { formatMoney } from '#core/money/format-money.ts'
import { formatNumber } from '#web/components/format-number.ts'
import { WaitingByAge } from '#web/components/home/waiting-by-age.tsx'
import { RelativeTime } from '#web/components/relative-time.tsx'
import { Sparkline } from '#web/components/sparkline.tsx'
import { Stat, Stats } from '#web/components/stat.tsx'

/** The four figures of the day. */
export function Figures({ home }: { home: Home }) {
  const { at, currency, today, history, waiting } = home
  const money = (amountMinor: number) => formatMoney({ amountMinor, currency })
  const others = today.otherRevenue.map((other) => `+ ${formatMoney(other)}`).join(' ')
  const yesterdayActive = history.at(-1)?.activeUsers ?? 0
  return (
    <Stats>
      <Stat
        label="Revenue today"
        hint="Payments made today, less what was given back of them"
        value={money(today.revenueMinor.today)}
        more={others}
        note={<Change compared={today.revenueMinor} show={money} less="less" />}
      >
        <Course
          figure="Revenue"
          isTodayOpen
          values={[...history.map((day) => day.revenueMinor), today.revenueMinor.today]}
        />
      </Stat>
      <Stat
        label="Messages today"
        value={formatNumber(today.messages.today)}
        note={<Change compared={today.messages} show={formatNumber} less="fewer" />}
      >
        <Course figure="Messages" isTodayOpen values={[...history.map((day) => day.messages), today.messages.today]} />
      </Stat>
      <Stat
        label="People who wrote, 24 h"
        value={formatNumber(today.activeUsers)}
        note={`${formatNumber(yesterdayActive)} yesterday`}
      >
        <Course figure="People who wrote" values={[...history.map((day) => day.activeUsers), today.activeUsers]} />
      </Stat>
      <Stat
        label="Waiting conversations"
        value={formatNumber(waiting.count)}
        note={
          waiting.since ? (
            <>
              first asked <RelativeTime at={waiting.since} now={at} />
            </>
          ) : (
            'Everybody has an answer'
          )
        }
      >
        <WaitingByAge byAge={waiting.byAge} />
      </Stat>
    </Stats>
  )
}

/** `isTodayOpen`: the last value counts from midnight, so that it is low every morning and means nothing yet. */
function Course({ figure, values, isTodayOpen = false }: { figure: string; values: number[]; isTodayOpen?: boolean }) {
  const label = `${figure} per day over the last ${values.length} days${isTodayOpen ? ', today so far' : ''}`
  return <Sparkline values={values} isLastOpen={isTodayOpen} label={label} />
}

/** How a figure of today compares with yesterday until the same time. */
function Change({
  compared: { today, yesterday },
  show,
  less,
}: {
  compared: Compared
  show: (value: number) => string
  less: 'less' | 'fewer'
}) {
  const difference = today - yesterday
  const Icon = difference === 0 ? Equal : difference > 0 ? ArrowUp : ArrowDown
  const words =
    difference === 0
      ? 'as much as yesterday'
      : `${show(Math.abs(difference))} ${difference > 0 ? 'more' : less} than yesterday`
  return (
    <>
      <Icon aria-hidden className={`size-3 shrink-0 ${difference > 0 ? 'text-good' : ''}`} />
      <span className="min-w-0 tabular-nums" title={`${words} until this time of day`}>
        {words}
      </span>
    </>
  )
}
