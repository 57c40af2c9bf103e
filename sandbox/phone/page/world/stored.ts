/** What this browser remembers under the key, over what is so otherwise. */
export function readStored<T extends object>(storage: Storage, key: string, otherwise: T): T {
  try {
    return { ...otherwise, ...(JSON.parse(storage.getItem(key) ?? '{}') as Partial<T>) }
  } catch {
    return otherwise
  }
}
