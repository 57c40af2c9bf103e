import { type Announce, type Service, type ServiceSpec, superviseService } from './supervisor.ts'

const PARENT_CHECK_MS = 1_000

export interface Run {
  /** Started group after group, each when the one before is ready; stopped in the opposite order. */
  groups: readonly (readonly ServiceSpec[])[]
  announce: Announce
  /** Everything answers. */
  onReady: (services: readonly Service[]) => void
  /** What has to go last, after all services: the database. */
  close: () => Promise<void>
  /** Something the services cannot live without has ended, such as the embedded database. */
  lost?: Promise<string>
}

/**
 * Runs services until a signal asks to stop, then stops them in order and leaves no process behind.
 * Resolves with the exit code. A second signal kills at once.
 */
export async function runServices({ groups, announce, onReady, close, lost }: Run): Promise<number> {
  // A terminal that was closed, or a pipe that nobody reads any more, must not end us in the middle of a stop.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const running: Service[][] = []
  const stopRequest = waitForStopRequest(lost)
  let exitCode = 0
  const startAll = async () => {
    for (const group of groups) {
      const services = group.map((spec) => superviseService(spec, announce))
      running.push(services)
      await Promise.all(services.map((service) => service.ready))
    }
    onReady(running.flat())
  }
  const started = startAll().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const failure = await Promise.race([started, stopRequest.requested.then(() => undefined)])
  if (failure !== undefined) {
    announce('start', failure)
    exitCode = 1
  } else {
    const reason = await stopRequest.requested
    if (reason.isFailure) exitCode = 1
    announce('stopping', reason.text)
  }
  stopRequest.insistFromNowOn()
  for (const services of running.toReversed()) await Promise.all(services.map((service) => service.stop()))
  await close()
  stopRequest.release()
  return exitCode
}

interface StopReason {
  text: string
  isFailure: boolean
}

function waitForStopRequest(lost: Promise<string> | undefined) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let settle: (reason: StopReason) => void = () => undefined
  const requested = new Promise<StopReason>((resolve) => {
    settle = resolve
  })
  let insisting = false
  const onSignal = (signal: NodeJS.Signals) => {
    // The supervised processes and the database notice that we are gone and leave by themselves.
    if (insisting) process.exit(130)
    settle({ text: `on ${signal}; once more to leave at once`, isFailure: false })
  }
  for (const signal of signals) process.on(signal, onSignal)
  void lost?.then((text) => settle({ text, isFailure: true }))
  const orphaned = watchParent(() => settle({ text: 'because npm, which started this, is gone', isFailure: false }))
  return {
    requested,
    insistFromNowOn() {
      insisting = true
    },
    release() {
      clearInterval(orphaned)
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}

/** Started by npm, we end with npm, also when it is killed so hard that it cannot tell us. */
function watchParent(onOrphaned: () => void): NodeJS.Timeout | undefined {
  if (!process.env.npm_lifecycle_event) return undefined
  const parent = process.ppid
  return setInterval(() => {
    if (process.ppid !== parent) onOrphaned()
  }, PARENT_CHECK_MS).unref()
}
