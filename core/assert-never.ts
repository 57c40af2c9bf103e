/** Ends an exhaustive switch: adding a case to the union makes every forgotten switch a type error. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected case: ${JSON.stringify(value)}`)
}
