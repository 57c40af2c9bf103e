import type { Home } from '#core/analytics/home-reader.ts'
import { ActivityFeed } from '#web/components/home/activity-feed.tsx'
import { Checklist } from '#web/components/home/checklist.tsx'
import { daySentence } from '#web/components/home/day-sentence.ts'
import { Figures } from '#web/components/home/figures.tsx'
import { NeedsYou } from '#web/components/home/needs-you.tsx'
import { RightNow } from '#web/components/home/right-now.tsx'
import { LivePage } from '#web/components/live-page.tsx'
import { PageHeader } from '#web/components/page-header.tsx'

/** The whole home page from one reading. */
export function HomeView({ home }: { home: Home }) {
  return (
    <>
      <PageHeader title="Home" context={daySentence(home)} aside={<LivePage at={home.at} />} />
      <div className="flex flex-col gap-4">
        <Checklist setup={home.setup} chatUrl={home.bot?.chatUrl ?? null} />
        <Figures home={home} />
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] lg:grid-rows-[auto_1fr]">
          <NeedsYou home={home} />
          <div className="min-w-0 lg:row-span-2">
            <RightNow home={home} />
          </div>
          <ActivityFeed activity={home.activity} now={home.at} />
        </div>
      </div>
    </>
  )
}
