import { Suspense } from 'react'
import { HomeSkeleton } from '#web/components/home/home-skeleton.tsx'
import { HomeView } from '#web/components/home/home-view.tsx'
import { authorizedPage } from '#web/server/authorized.ts'
import { getDeps } from '#web/server/deps.ts'

export const metadata = { title: 'Home' }

export default authorizedPage('viewer', async () => (
  <Suspense fallback={<HomeSkeleton />}>
    <HomeNow />
  </Suspense>
))

async function HomeNow() {
  return <HomeView home={await getDeps().home.read(new Date())} />
}
