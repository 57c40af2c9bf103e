import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The suites of whole worlds take a minute each: begun last, they would run while every other worker idles. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => /\/testing\/(crash|simulation)\//.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  resolve: {
    // The real module refuses to load outside a React server build, which is its purpose; tests are neither.
    alias: { 'server-only': fileURLToPath(new URL('./node_modules/server-only/empty.js', import.meta.url)) },
  },
  test: {
    environment: 'node',
    include: ['{bench,bot,core,prisma,sandbox,scripts,testing,web}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '**/.next/**', '**/dist/**'],
    globalSetup: './testing/global-setup.ts',
    setupFiles: './testing/setup.ts',
    pool: 'forks',
    // Every test has a database of its own, so files may share a process; a third of the time went into loading modules.
    isolate: false,
    // One more than the smallest machine has cores: tests of whole processes wait for much of their time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubEnvs: true,
  },
})
