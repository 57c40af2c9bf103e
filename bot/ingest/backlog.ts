/**
 * Knows whether updates were left to the inbox alone because memory was full. As long as it is open everything that
 * arrives is left there too, so that nothing overtakes; it closes when all of it was handed out.
 */
export class Backlog {
  /** Told when it opens. */
  onOpen: () => void = () => {}
  #isOpen = false
  #lowest: number | null = null

  get isOpen(): boolean {
    return this.#isOpen
  }

  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.onOpen()
  }

  leave(updateId: number): void {
    this.#lowest = Math.min(this.#lowest ?? updateId, updateId)
    this.open()
  }

  /** A look through the whole inbox begins: it will find what was left so far. */
  begin(): void {
    this.#lowest = null
  }

  /**
   * The look came to the end of the inbox: where to go on, because more was left meanwhile. Null when there is nothing;
   * then it is closed.
   */
  next(): number | null {
    const from = this.#lowest
    this.#lowest = null
    if (from === null) this.#isOpen = false
    return from
  }
}
