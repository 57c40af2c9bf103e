/** `npm run simulate -- seeds=20 users=500 days=60 [from=1] [active=20]`: the whole product under many people for many days. */
import { describeReport, simulate } from '#testing/simulation/simulate.ts'
import { startTestServer } from '../testing/server.ts'
import { buildClient } from './build.ts'

const numbers = { seeds: 1, users: 100, days: 20, from: 1, active: 20 }
for (const argument of process.argv.slice(2)) {
  const [name = '', value] = argument.split('=')
  if (!(name in numbers) || !/^\d{1,9}$/.test(value ?? '')) throw new Error(`What is “${argument}”?`)
  numbers[name as keyof typeof numbers] = Number(value)
}

await buildClient(() => undefined)
const server = await startTestServer()
let failures = 0
try {
  for (let seed = numbers.from; seed < numbers.from + numbers.seeds; seed += 1) {
    const { users, days } = numbers
    const report = await simulate({
      seed,
      users,
      days,
      active: numbers.active / 100,
      onDay: (line) => console.log(line),
    })
    console.log(describeReport(report))
    if (report.findings.length > 0) failures += 1
  }
} finally {
  await server.stop()
}
process.exitCode = failures === 0 ? 0 : 1
