/** A result that is JSON text already. */
export class RawResult {
  readonly json: string
  readonly count: number

  constructor(json: string, count: number) {
    this.json = json
    this.count = count
  }
}
