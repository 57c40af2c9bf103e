import { afterAll, afterEach, expect } from 'vitest'
import { recordConsoleErrors, takeConsoleErrors } from './console.ts'
import { takeOpenDatabases } from './database.ts'

recordConsoleErrors()

afterEach(() => {
  expect(takeConsoleErrors(), 'console.error was called').toEqual([])
})

afterAll(() => {
  expect(takeConsoleErrors(), 'console.error was called outside a test').toEqual([])
  expect(takeOpenDatabases(), 'test databases that were never closed').toEqual([])
})
