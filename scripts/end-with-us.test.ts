import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { isAlive } from '#testing/process.ts'

const MODULE = new URL('./end-with-us.mjs', import.meta.url).href

/** A program with a child that would work on for ever; says the child's number, then does as it is told. */
async function startWorker(then: string) {
  const worker = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { spawn } from 'node:child_process'
       import { endWithUs } from '${MODULE}'
       const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { detached: true })
       endWithUs(child)
       process.stdout.write(child.pid + '\\n')
       ${then}`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [line] = (await once(createInterface({ input: worker.stdout }), 'line')) as [string]
  return { worker, childPid: Number(line) }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('on %s no work of ours goes on without us', async (signal) => {
  const { worker, childPid } = await startWorker('setInterval(() => {}, 1000)')
  worker.kill(signal)
  const [code] = (await once(worker, 'exit')) as [number | null]
  expect(code).toBe(130)
  await expect.poll(() => isAlive(childPid), { timeout: 10_000 }).toBe(false)
})

test('whoever gives up leaves no work of theirs behind', async () => {
  const { childPid } = await startWorker('process.exit(1)')
  await expect.poll(() => isAlive(childPid), { timeout: 10_000 }).toBe(false)
})
