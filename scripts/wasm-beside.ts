import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

const FILE = 'query-compiler.wasm'

/**
 * Prisma carries its query compiler as one long string, which stays in memory twice: in the program's text and as the
 * string. Here it lies in a file beside the program, and is read when Prisma decodes it.
 */
export const wasmBeside: Plugin = {
  name: 'wasm beside the program',
  setup(build) {
    build.onLoad({ filter: /query_compiler_.*\.wasm-base64\.mjs$/ }, async ({ path }) => {
      const { wasm } = (await import(path)) as { wasm: string }
      const folder = dirname(build.initialOptions.outfile ?? '')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, FILE), wasm, 'base64')
      return { contents: READ_WHEN_DECODED }
    })
  },
}

/** Prisma does nothing with the string but `Buffer.from(wasm, 'base64')`, which asks objects for their primitive. */
const READ_WHEN_DECODED = `
  import { readFileSync } from 'node:fs'
  const file = new URL('./${FILE}', import.meta.url)
  export const wasm = { [Symbol.toPrimitive]: () => readFileSync(file, 'base64') }`
