import { PageHeader } from '#web/components/page-header.tsx'
import { Stats } from '#web/components/stat.tsx'
import { Skeleton } from '#web/components/state.tsx'

const frame = 'rounded-md border border-line bg-surface p-4'

/** The home page before its figures are here. */
export function HomeSkeleton() {
  return (
    <div aria-busy="true">
      <PageHeader title="Home" context="Reading the figures …" />
      <div className="flex flex-col gap-4">
        <Stats>
          {['revenue', 'messages', 'active', 'waiting'].map((figure) => (
            <div key={figure} className={`${frame} flex flex-col gap-3`}>
              <Skeleton className="h-4 w-24" />
              <Skeleton className="h-8 w-28" />
              <Skeleton className="h-8 w-full max-w-40" />
            </div>
          ))}
        </Stats>
        <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <div className={`${frame} flex flex-col gap-4`}>
            {['w-3/4', 'w-2/3', 'w-4/5', 'w-1/2', 'w-3/5'].map((width) => (
              <Skeleton key={width} className={`h-5 ${width}`} />
            ))}
          </div>
          <div className={`${frame} flex flex-col gap-4`}>
            {['w-full', 'w-4/5', 'w-11/12', 'w-3/4'].map((width) => (
              <Skeleton key={width} className={`h-5 ${width}`} />
            ))}
          </div>
        </div>
      </div>
    </div>
  )
}
